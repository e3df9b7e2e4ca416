import { environmentSpec, type FunctionOwner, type VersionRow, versionRecord } from '../../functions/functionRecords.ts'
import {
  allocatedOf,
  INIT_FAILURE,
  type ProvisionedState,
  shareOfNode,
  sharesOfVersions,
} from '../../model/provisionedConcurrency.ts'
import type { EnvironmentSpec, ProvisionedCount, ProvisionedDemand } from '../contract.ts'

/** A row of selectProvisioning: a config and a version that it is for. */
export interface ProvisioningRow extends VersionRow, FunctionOwner, ProvisionedState {
  readonly qualifier: string
  readonly requested: number
  readonly putAt: Date
  /** Null unless the qualifier is an alias. */
  readonly mainNumber: number | null
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
}

/** What one node has of one version of a config: a row of `provisioned_environment`. */
export interface ProvisionedReport {
  readonly functionId: string
  readonly qualifier: string
  readonly nodeId: string
  readonly versionNumber: number
  readonly allocated: number
  readonly available: number
  readonly failure: string | null
}

/** What this node has to do for one version of a config. */
export interface ProvisioningPart {
  readonly spec: EnvironmentSpec
  /** How many environments all nodes together are to have. */
  readonly wanted: number
  /** How many of them this node is to have. */
  readonly share: number
}

/** What this node has to do for a config. */
export interface ProvisioningPlan {
  readonly functionId: string
  readonly qualifier: string
  readonly requested: number
  readonly putAt: Date
  readonly state: ProvisionedState
  readonly parts: readonly ProvisioningPart[]
}

/** Parts what is wanted among the nodes, which are in the order of their ids. A node that is not among them has none. */
export function planProvisioning(
  rows: readonly ProvisioningRow[],
  nodeIds: readonly string[],
  nodeId: string,
): ProvisioningPlan[] {
  const place = nodeIds.indexOf(nodeId)
  const plans = new Map<string, ProvisioningPlan & { parts: ProvisioningPart[] }>()
  for (const row of rows) {
    const { functionId, qualifier, requested, putAt, status, statusReason, allocated, available } = row
    const state = { status, statusReason, allocated, available }
    const key = `${functionId}:${qualifier}`
    const plan = plans.get(key) ?? { functionId, qualifier, requested, putAt, state, parts: [] }
    const target = { ...row, versionNumber: row.mainNumber ?? row.number }
    const wanted = sharesOfVersions(requested, target).get(row.number) ?? 0
    const share = place < 0 ? 0 : shareOfNode(wanted, place, nodeIds.length)
    plan.parts.push({ spec: environmentSpec(versionRecord(row, row)), wanted, share })
    plans.set(key, plan)
  }
  return [...plans.values()]
}

/** What the pool has to keep: two aliases of the same version add up. */
export function demandsOf(plans: readonly ProvisioningPlan[]): ProvisionedDemand[] {
  const demands = new Map<string, ProvisionedDemand>()
  for (const { parts, putAt } of plans) {
    for (const { spec, share } of parts) {
      const before = demands.get(spec.key)
      const count = (before?.count ?? 0) + share
      if (count > 0)
        demands.set(spec.key, { spec, count, generation: `${before?.generation ?? ''} ${putAt.getTime()}` })
    }
  }
  return [...demands.values()]
}

/**
 * What this node reports of its plans, given what it reported before and what its pool has. Where two aliases share a
 * version the first one's share is filled first.
 */
export function reportsOf(
  plans: readonly ProvisioningPlan[],
  nodeId: string,
  counts: ReadonlyMap<string, ProvisionedCount>,
  before: readonly ProvisionedReport[],
): Map<ProvisioningPlan, ProvisionedReport[]> {
  const free = new Map([...counts].map(([key, { available }]) => [key, available]))
  return new Map(
    plans.map((plan) => [
      plan,
      plan.parts.map(({ spec, share }) => {
        const { functionId, qualifier } = plan
        const { versionNumber } = spec
        const left = free.get(spec.key) ?? 0
        const available = Math.min(share, left)
        free.set(spec.key, left - available)
        const hasFailed = available < share && (counts.get(spec.key)?.hasFailed ?? false)
        const last = before.find(
          (report) =>
            report.nodeId === nodeId &&
            report.functionId === functionId &&
            report.qualifier === qualifier &&
            report.versionNumber === versionNumber,
        )
        return {
          functionId,
          qualifier,
          nodeId,
          versionNumber,
          allocated: allocatedOf(share, last?.allocated ?? 0, available, hasFailed),
          available,
          failure: hasFailed ? INIT_FAILURE : null,
        }
      }),
    ]),
  )
}
