import type { StateMachine, StateMachineAlias, StateMachineVersion } from '../../db/generated/client.ts'
import type {
  LoggingLevel,
  RoutingRecord,
  StateMachineAliasRecord,
  StateMachineRecord,
  StateMachineType,
  StateMachineVersionRecord,
} from './machineRecords.ts'

export function machineOfRow(row: StateMachine): StateMachineRecord {
  const { accountId, region, type, loggingLevel, tags, ...rest } = row
  return {
    ...rest,
    scope: { accountId, region },
    type: type as StateMachineType,
    loggingLevel: loggingLevel as LoggingLevel,
    tags: tags as Record<string, string>,
  }
}

export function versionOfRow(machine: StateMachineRecord, row: StateMachineVersion): StateMachineVersionRecord {
  const { number, definition, roleArn, revisionId, description, createdAt } = row
  return { machine, number, definition, roleArn, revisionId, description, createdAt }
}

export function aliasOfRow(machine: StateMachineRecord, row: StateMachineAlias): StateMachineAliasRecord {
  const { name, description, versionNumber, createdAt, updatedAt } = row
  return { machine, name, description, routing: routingOf(versionNumber, row), createdAt, updatedAt }
}

/** The routing of an alias to its main version and perhaps an additional one. */
export function routingOf(
  versionNumber: number,
  { additionalNumber, additionalWeight }: Pick<StateMachineAlias, 'additionalNumber' | 'additionalWeight'>,
): readonly RoutingRecord[] {
  return additionalNumber === null || additionalWeight === null
    ? [{ versionNumber, weight: 100 }]
    : [
        { versionNumber, weight: 100 - additionalWeight },
        { versionNumber: additionalNumber, weight: additionalWeight },
      ]
}
