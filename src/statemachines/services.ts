import type { Page, PageRequest, Scope } from '../model/records.ts'
import type { Activities } from './activities.ts'
import type { HistoryEventType } from './engine/historyEvent.ts'
import type { ExecutionCosts } from './executions/executionCosts.ts'
import type { ExecutionFilter } from './executions/executionReads.ts'
import type { ExecutionRecord, HistoryEventRecord } from './executions/executionRecords.ts'
import type { MapRunRecord } from './executions/mapRuns.ts'
import type { TaskCallbacks } from './executions/taskCallbacks.ts'
import type { CreateStateMachineRequest } from './machines/createStateMachine.ts'
import type { RouteRequest } from './machines/machineAliases.ts'
import type {
  StateMachineAliasRecord,
  StateMachineRecord,
  StateMachineVersionRecord,
} from './machines/machineRecords.ts'
import type { TagStateMachineRequest } from './machines/tagStateMachine.ts'
import type { UpdateStateMachineRequest } from './machines/updateStateMachine.ts'
import type { TestStateAnswer } from './testState/testStateAnswer.ts'
import type { TestStateRequest } from './testState/testStateRequest.ts'

/** What callers begin an execution with. */
export interface StartRequest {
  readonly stateMachineArn: string
  readonly name: string | null
  /** JSON text. */
  readonly input: string
}

/** Step functions, as the API offers them. All but reads throw UserFaults in AWS's words. */
export interface StateMachineServices {
  createStateMachine(scope: Scope, request: CreateStateMachineRequest): Promise<StateMachineRecord>
  updateStateMachine(scope: Scope, request: UpdateStateMachineRequest): Promise<StateMachineRecord>
  tagStateMachine(scope: Scope, request: TagStateMachineRequest): Promise<StateMachineRecord>
  deleteStateMachine(scope: Scope, arn: string): Promise<void>
  describeStateMachine(scope: Scope, arn: string): Promise<StateMachineRecord>
  stateMachines(scope: Scope, request: PageRequest<string>): Promise<Page<StateMachineRecord>>

  publishVersion(
    scope: Scope,
    arn: string,
    description: string,
    revisionId: string | null,
  ): Promise<StateMachineVersionRecord>
  deleteVersion(scope: Scope, arn: string): Promise<void>
  versions(machine: StateMachineRecord, request: PageRequest<number>): Promise<Page<StateMachineVersionRecord>>
  createAlias(
    scope: Scope,
    name: string,
    description: string,
    routes: readonly RouteRequest[],
  ): Promise<StateMachineAliasRecord>
  updateAlias(
    scope: Scope,
    arn: string,
    description: string | null,
    routes: readonly RouteRequest[] | null,
  ): Promise<StateMachineAliasRecord>
  deleteAlias(scope: Scope, arn: string): Promise<void>
  aliases(machine: StateMachineRecord, request: PageRequest<string>): Promise<Page<StateMachineAliasRecord>>

  /** Answers when its beginning is durable, with the execution as it was then. */
  startExecution(scope: Scope, request: StartRequest): Promise<ExecutionRecord>
  /** Begins an Express execution and waits for its end. */
  startSyncExecution(scope: Scope, request: StartRequest): Promise<ExecutionRecord>
  stopExecution(scope: Scope, arn: string, error: string | null, cause: string | null): Promise<ExecutionRecord>
  redriveExecution(scope: Scope, arn: string): Promise<ExecutionRecord>
  findExecution(scope: Scope, arn: string): Promise<ExecutionRecord>
  listExecutions(scope: Scope, filter: ExecutionFilter, request: PageRequest<string>): Promise<Page<ExecutionRecord>>
  executionById(scope: Scope, id: string): Promise<ExecutionRecord | null>
  findMapRun(scope: Scope, arn: string): Promise<MapRunRecord | null>
  /** JSON text. */
  definitionOf(execution: ExecutionRecord): Promise<string>
  history(
    executionId: string,
    request: { readonly first: number; readonly after: number | null; readonly isReverse: boolean },
  ): Promise<Page<HistoryEventRecord>>
  /** Only events of these types, in their order. */
  historyOfTypes(
    executionId: string,
    types: readonly HistoryEventType[],
    request: PageRequest<number>,
  ): Promise<Page<HistoryEventRecord>>
  /** What the ledger has of an execution and of the functions that it called. */
  costs(executionId: string): Promise<ExecutionCosts>
  /** Events behind an id, and then live; ends with the execution. */
  followHistory(executionId: string, after: number): AsyncIterableIterator<HistoryEventRecord>

  /** Runs one state by itself; what it calls is really called where no mock stands for it. */
  testState(scope: Scope, request: TestStateRequest): Promise<TestStateAnswer>

  readonly callbacks: TaskCallbacks
  readonly activities: Activities
}
