import { UserFault } from '../errors.ts'
import type { Scope } from './records.ts'

/** Where a provisioned concurrency config stands; the names of the GraphQL enum `ProvisionedConcurrencyStatus`. */
export type ProvisionedStatus = 'IN_PROGRESS' | 'READY' | 'FAILED'

/** AWS's reason of a config whose environments cannot be initialised (recorded fact 118). */
export const INIT_FAILURE = 'FUNCTION_ERROR_INIT_FAILURE'

/** What is known of a config besides what was asked for. */
export interface ProvisionedState {
  readonly status: ProvisionedStatus
  /** Null unless FAILED. */
  readonly statusReason: string | null
  /** Environments that were started ahead and are kept; one that ended and is being replaced is still counted. */
  readonly allocated: number
  /** Environments that are there now, idle or at an event. */
  readonly available: number
}

/** What happens to a config. */
export type ProvisionedEvent =
  /** It was put, anew or again. */
  | { readonly kind: 'PUT' }
  /** The nodes' counts were added up; `failure` is the reason why one of them gets no further, or null. */
  | {
      readonly kind: 'COUNTED'
      readonly requested: number
      readonly allocated: number
      readonly available: number
      readonly failure: string | null
    }

/** The state of a config that was never counted. */
export const NOTHING_PROVISIONED: ProvisionedState = {
  status: 'IN_PROGRESS',
  statusReason: null,
  allocated: 0,
  available: 0,
}

/**
 * The state after an event. Total: a put begins anew whatever was before, and keeps what is there already; a count says
 * it all. READY is what has all it asked for, and it ends when a node with a part of it is lost or more is asked for.
 */
export function nextProvisionedState(state: ProvisionedState, event: ProvisionedEvent): ProvisionedState {
  switch (event.kind) {
    case 'PUT':
      return { ...state, status: 'IN_PROGRESS', statusReason: null }
    case 'COUNTED': {
      const { requested, failure } = event
      const counts = {
        allocated: Math.min(event.allocated, requested),
        available: Math.min(event.available, requested),
      }
      if (counts.allocated >= requested) return { status: 'READY', statusReason: null, ...counts }
      return failure === null
        ? { status: 'IN_PROGRESS', statusReason: null, ...counts }
        : { status: 'FAILED', statusReason: failure, ...counts }
    }
  }
}

/**
 * How many environments a node has allocated for its share, after it had `before` of them and has now `available`: one
 * that ended is counted while it is being replaced, and no longer when its replacement cannot be initialised.
 */
export function allocatedOf(share: number, before: number, available: number, hasFailed: boolean): number {
  return Math.min(share, hasFailed ? available : Math.max(before, available))
}

/**
 * The share of one of `nodes` nodes, by its place in the order of their ids: all know the same shares without talking
 * to each other, they differ by one at most, and their sum is `requested`.
 */
export function shareOfNode(requested: number, place: number, nodes: number): number {
  return Math.floor(requested / nodes) + (place < requested % nodes ? 1 : 0)
}

/** Where a config's invocations go: one version, or two by the weight of an alias. */
export interface ProvisionedTarget {
  readonly versionNumber: number
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
}

/** How many of the requested environments each version gets, by its number: an alias's weight parts them. */
export function sharesOfVersions(requested: number, target: ProvisionedTarget): ReadonlyMap<number, number> {
  const { versionNumber, additionalNumber, additionalWeight } = target
  if (additionalNumber === null || additionalWeight === null) return new Map([[versionNumber, requested]])
  const additional = Math.round(requested * additionalWeight)
  return new Map([
    [versionNumber, requested - additional],
    [additionalNumber, additional],
  ])
}

/** A config as the rest of the service knows it. */
export interface ProvisionedConfigRecord extends ProvisionedState {
  readonly functionId: string
  readonly scope: Scope
  readonly functionName: string
  /** A version's number or an alias's name. */
  readonly qualifier: string
  readonly requested: number
  readonly lastModified: Date
}

const QUALIFIER_FIELD = ['input', 'qualifier']

/** Only what never changes can be started ahead (recorded fact 119). */
export function unpublishedVersion(): UserFault {
  const message = 'Provisioned Concurrency Configs cannot be applied to unpublished function versions.'
  return new UserFault('INVALID_PARAMETER_VALUE', message, QUALIFIER_FIELD)
}

/** `$LATEST` has no config that could be taken away (recorded fact 119). */
export function neitherAliasNorVersion(): UserFault {
  const message = 'The function resource provided must be an alias or a published version.'
  return new UserFault('INVALID_PARAMETER_VALUE', message, QUALIFIER_FIELD)
}

/** An alias whose version has a config of its own (recorded fact 120). */
export function versionIsProvisioned(field: readonly string[] = QUALIFIER_FIELD): UserFault {
  const message = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
  return new UserFault('RESOURCE_CONFLICT', message, field)
}

/** A version that an alias with a config points to (recorded fact 120). */
export function aliasIsProvisioned(): UserFault {
  return new UserFault('RESOURCE_CONFLICT', 'Version is pointed by a Provisioned Concurrency alias', QUALIFIER_FIELD)
}
