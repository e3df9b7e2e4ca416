import type { Scope } from '../../model/records.ts'
import type { Json } from '../data/json.ts'
import type { StateMachineDefinition } from '../definition/types.ts'
import type { Machine } from '../engine/machine.ts'
import type { IntegrationPattern } from '../engine/taskOrder.ts'
import { executionArn, stateMachineArn } from '../stateMachineArn.ts'

/** What stays the same of an execution as long as it runs: what it was begun with. */
export interface ExecutionRow {
  readonly id: string
  readonly scope: Scope
  readonly stateMachineId: string
  readonly stateMachineName: string
  readonly machineType: 'STANDARD' | 'EXPRESS'
  readonly versionNumber: number | null
  readonly aliasName: string | null
  readonly name: string
  readonly definition: string
  readonly roleArn: string
  /** JSON text. */
  readonly input: string
  readonly startedAtMs: number
  readonly seed: number
  readonly redriveCount: number
  /** How many of its state transitions are in the ledger: those from before it was redriven. */
  readonly billedTransitions: number
  readonly child: ChildFacts | null
}

/** What a child execution knows of whoever began it. */
export interface ChildFacts {
  /** The task that waits for its end; null where nobody does. */
  readonly parent: {
    readonly executionId: string
    readonly taskId: number
    readonly pattern: IntegrationPattern
  } | null
  /** Set in a child of a distributed Map. */
  readonly item: ItemFacts | null
}

export interface ItemFacts {
  readonly mapRunId: string
  /** Label of the Map Run, as child executions' ARNs carry it. */
  readonly label: string
  readonly index: number
  readonly value: Json
  readonly place: readonly (string | number)[]
  readonly variables: { readonly [name: string]: Json }
}

/** The machine that the engine steps. */
export function machineOfExecution(row: ExecutionRow): Machine {
  const { scope, child } = row
  const item = child?.item ?? null
  return {
    definition: JSON.parse(row.definition) as StateMachineDefinition,
    seed: row.seed,
    facts: {
      executionArn: arnOfExecution(row),
      name: row.name,
      input: JSON.parse(row.input) as Json,
      roleArn: row.roleArn,
      startedAtMs: row.startedAtMs,
      redriveCount: row.redriveCount,
      stateMachineArn: stateMachineArn(scope, row.stateMachineName),
      stateMachineName: row.stateMachineName,
      accountId: scope.accountId,
      region: scope.region,
      isExpress: row.machineType === 'EXPRESS',
      place: item?.place ?? [],
      item: item === null ? null : { index: item.index, value: item.value },
      variables: item?.variables ?? {},
    },
  }
}

/** `execution:MACHINE:NAME`; of a child of a Map Run `execution:MACHINE/LABEL:NAME`. */
export function arnOfExecution({ id, scope, stateMachineName, machineType, name, child }: ExecutionRow): string {
  const machine = child?.item == null ? stateMachineName : `${stateMachineName}/${child.item.label}`
  return executionArn(scope, machineType, machine, name, id)
}
