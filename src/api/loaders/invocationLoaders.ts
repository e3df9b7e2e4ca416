import DataLoader from 'dataloader'
import type { EventServices } from '../../events/services.ts'
import type { InvocationServices } from '../../invocations/services.ts'
import type { LogEventRecord } from '../../model/eventRecords.ts'
import type { Position } from '../../model/position.ts'
import type { AttemptRecord, DeliveryRecord, InvocationRecord, Page, Scope } from '../../model/records.ts'
import { type PageKey, pageLoader } from './pageLoader.ts'

/** Reads of invocations and what belongs to them; those of one tick become one statement each. */
export interface InvocationLoaders {
  /** By request id; null where there is none. */
  readonly byId: DataLoader<string, InvocationRecord | null>
  /** By request id, in the order of their numbers. */
  readonly attempts: DataLoader<string, AttemptRecord[]>
  /** By function id. */
  readonly pageOfFunction: DataLoader<PageKey<string>, Page<InvocationRecord>, string>
  /** By function id. */
  readonly deadLettersOfFunction: DataLoader<PageKey<string>, Page<InvocationRecord>, string>
  /** By request id, in the order in which they came to be. */
  readonly deliveries: DataLoader<string, DeliveryRecord[]>
  /** By function id. */
  readonly logOfFunction: DataLoader<PageKey<Position>, Page<LogEventRecord>, string>
  /** By request id. */
  readonly logOfInvocation: DataLoader<PageKey<Position>, Page<LogEventRecord>, string>
}

/** Loaders for one request. */
export function createInvocationLoaders(
  invocations: InvocationServices,
  events: EventServices,
  { accountId }: Scope,
): InvocationLoaders {
  return {
    byId: new DataLoader((ids) => invocations.byIds(accountId, ids)),
    attempts: new DataLoader((ids) => invocations.attemptsOf(ids)),
    pageOfFunction: pageLoader((ids, page) => invocations.ofFunctions(accountId, ids, page)),
    deadLettersOfFunction: pageLoader((ids, page) => invocations.deadLettersOf(accountId, ids, page)),
    deliveries: new DataLoader((ids) => invocations.deliveriesOf(ids)),
    logOfFunction: pageLoader(events.functionLogPages),
    logOfInvocation: pageLoader(events.invocationLogPages),
  }
}
