import type { Pool } from 'pg'
import type { StateMachine } from '../../db/generated/client.ts'
import { createJointReads } from '../../db/jointReads.ts'
import type { Scope } from '../../model/records.ts'
import { noSuchMachine } from '../stateMachineRules.ts'
import { chooseRoute, referenceOf } from './findMachine.ts'
import type { StateMachineRecord } from './machineRecords.ts'
import { machineOfRow, routingOf } from './machineRows.ts'
import { selectMachineTargets } from './sql/selectMachineTargets.ts'

/** What an execution is begun with. */
export interface ResolvedMachine {
  readonly machine: StateMachineRecord
  readonly definition: string
  readonly roleArn: string
  readonly versionNumber: number | null
  readonly aliasName: string | null
}

/** Finds what an ARN or a name stands for. */
export interface MachineResolver {
  /** The machine, version, or, of an alias, one of its versions by `random` in [0, 1). Throws where there is none. */
  resolve(scope: Scope, arn: string, random: number): Promise<ResolvedMachine>
}

interface Question {
  readonly scope: Scope
  readonly name: string
  readonly alias: string | null
  readonly number: number | null
}

/** A row of the statement: a machine, perhaps an alias, perhaps a version. */
interface TargetRow extends StateMachine {
  readonly question: number
  /** Null unless the qualifier is an alias. */
  readonly mainNumber: number | null
  readonly additionalNumber: number | null
  readonly additionalWeight: number | null
  readonly versionNumber: number | null
  readonly versionDefinition: string | null
  readonly versionRoleArn: string | null
}

const LARGEST_READ = 500
const LARGEST_NUMBER = 2 ** 31 - 1

/** One statement for all that are asked for together. Remembers nothing: what was committed before the question counts. */
export function createMachineResolver(database: Pool): MachineResolver {
  const targets = createJointReads<Question, readonly TargetRow[]>({
    keyOf: ({ scope, name, alias, number }) => `${scope.accountId} ${scope.region} ${name} ${alias} ${number}`,
    async read(questions) {
      const values = [
        questions.map(({ scope }) => scope.accountId),
        questions.map(({ scope }) => scope.region),
        questions.map(({ name }) => name),
        questions.map(({ alias }) => alias),
        questions.map(({ number }) => number),
      ]
      const { rows } = await database.query<TargetRow>({ ...selectMachineTargets, values })
      const answers: TargetRow[][] = questions.map(() => [])
      for (const row of rows) answers[row.question - 1]!.push(row)
      return answers
    },
    largest: LARGEST_READ,
  })

  return {
    async resolve(scope, arn, random) {
      const { name, qualifier } = referenceOf(scope, arn)
      const number = qualifier !== null && /^\d+$/.test(qualifier) ? Number(qualifier) : null
      if (number !== null && number > LARGEST_NUMBER) throw noSuchMachine(arn)
      const aliasName = number === null ? qualifier : null
      const rows = await targets.ask({ scope, name, alias: aliasName, number })
      const first = rows[0]
      if (first === undefined) throw noSuchMachine(arn)
      const machine = machineOf(first)
      if (qualifier === null) {
        const { definition, roleArn } = machine
        return { machine, definition, roleArn, versionNumber: null, aliasName: null }
      }
      const chosen = first.mainNumber === null ? number : chooseRoute(routingOf(first.mainNumber, first), random)
      const version = rows.find(({ versionNumber }) => versionNumber !== null && versionNumber === chosen)
      if (version === undefined) throw noSuchMachine(arn)
      // Columns of a version that is there.
      const { versionDefinition, versionRoleArn, versionNumber } = version
      return { machine, definition: versionDefinition!, roleArn: versionRoleArn!, versionNumber, aliasName }
    },
  }
}

function machineOf(row: TargetRow): StateMachineRecord {
  const {
    question: _question,
    mainNumber: _main,
    additionalNumber: _additional,
    additionalWeight: _weight,
    versionNumber: _number,
    versionDefinition: _definition,
    versionRoleArn: _roleArn,
    ...machine
  } = row
  return machineOfRow(machine)
}
