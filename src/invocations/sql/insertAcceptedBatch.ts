import type { Statement } from '../../db/statementBatch.ts'
import { isoTime } from '../../db/unnest.ts'
import { DEFAULT_MAXIMUM_EVENT_AGE_MS } from '../../model/queueTransition.ts'
import type { AcceptedBatch } from '../journalEntry.ts'

/**
 * Records many events of one function, makes them claimable and says so: what insertInvocations.ts, enqueueInvocations.ts
 * and insertInvocationEvents.ts do for others. All but ids and payloads is the same for each of them and is sent once, which
 * takes a quarter of the time. Locks nothing but its own rows: the ids are new, and nobody sees them before commit.
 */
export function insertAcceptedBatch(batch: AcceptedBatch): Statement {
  const { events, scope, functionId, functionName, qualifier, clientContext, traceHeader, createdAtMs } = batch
  return {
    name: 'insert_accepted_batch',
    text: `
      WITH input AS (
        SELECT * FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS input (id, payload, ordinality)
      ), recorded AS (
        INSERT INTO invocation (id, payload, account_id, region, function_id, function_name, type, qualifier, status,
          created_at, client_context, source, trace_header)
        SELECT id, payload, $3::bpchar, $4::text, $5::uuid, $6::text, 'EVENT', $7::text, 'QUEUED',
          $8::timestamptz, $9::text, 'API', $10::text
        FROM input
      ), enqueued AS (
        INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
        SELECT id, $3::bpchar, $4::text, $5::uuid, $8::timestamptz,
          $8::timestamptz + make_interval(secs => coalesce(
            (SELECT maximum_event_age_seconds FROM event_invoke_config
             WHERE function_id = $5::uuid AND qualifier = coalesce($7::text, '$LATEST')),
            ${DEFAULT_MAXIMUM_EVENT_AGE_MS / 1000}))
        FROM input
      )
      INSERT INTO invocation_event (invocation_id, type, timestamp, next_attempt_at)
      SELECT id, 'QUEUED', $8::timestamptz, $8::timestamptz FROM input ORDER BY ordinality`,
    values: [
      events.map(({ id }) => id),
      events.map(({ payload }) => payload),
      ...[scope.accountId, scope.region, functionId, functionName, qualifier, isoTime(createdAtMs)],
      ...[clientContext, traceHeader],
    ],
  }
}
