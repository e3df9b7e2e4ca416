import type { Scope } from '../../model/records.ts'
import type { ExecutionStatus } from '../../statemachines/executions/executionRecords.ts'
import { connectionOf, type PageArguments, pageRequest, uuidCursors } from '../connection.ts'
import type { Services } from '../services.ts'

const cursors = uuidCursors('executions')

/** A page of executions, the latest first; children of Map Runs only where theirs is named. */
export async function executionPage(
  { stateMachines }: Services,
  scope: Scope,
  filter: {
    readonly stateMachineId: string | null
    readonly status: ExecutionStatus | null
    readonly mapRunId?: string
  },
  request: PageArguments,
) {
  const page = await stateMachines.listExecutions(scope, { mapRunId: null, ...filter }, pageRequest(request, cursors))
  return connectionOf(page, ({ id }) => cursors.encode(id))
}
