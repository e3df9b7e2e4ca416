import type pg from 'pg'
import type { ServiceProcess } from '../../kit/serviceProcess.ts'
import { startExecution } from '../../kit/stateMachineDocuments.ts'

const WATCH_MS = 250

/** Milliseconds of one execution. Throws where it does not succeed. */
export async function timedRun(service: ServiceProcess, stateMachineArn: string, database: pg.Pool): Promise<number> {
  const { execution } = await startExecution(service.client, stateMachineArn)
  const name = execution.executionArn.split(':').at(-1)
  for (;;) {
    const { rows } = await database.query<{ status: string; ms: number }>(
      `SELECT status::text, extract(epoch FROM stopped_at - started_at)::float8 * 1000 AS ms
       FROM execution WHERE name = $1 ORDER BY id DESC LIMIT 1`,
      [name],
    )
    const { status, ms } = rows[0]!
    if (status === 'SUCCEEDED') return ms
    if (status !== 'RUNNING') throw new Error(`the execution ${name} ${status}`)
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
  }
}
