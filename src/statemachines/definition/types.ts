/**
 * The Amazon States Language as it is written in JSON, field for field. A value of these types has passed
 * validateDefinition: fields that exclude each other, targets that do not exist and paths that do not parse are gone,
 * so its readers need no checks of their own. Both query languages share the types: what a state may carry depends on
 * its query language, which queryLanguageOf tells.
 * Source: https://states-language.net and https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [field: string]: JsonValue
}

export const QUERY_LANGUAGES = ['JSONPath', 'JSONata'] as const
export type QueryLanguage = (typeof QUERY_LANGUAGES)[number]

/** A whole expression between `{%` and `%}`. */
export type JsonataText = string
/** `$.a[0]`, `$$.Execution.Id` or `$variable.b`. */
export type PathText = string
/** A path that names exactly one place: no `..`, wildcards, slices or filters. */
export type ReferencePathText = string

/** The right-hand sides of variables: templates of the state's query language. */
export type Assignments = JsonObject

/** States and where to begin: a machine, a branch of a Parallel, a processor of a Map. */
export interface StateGraph {
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
  readonly Comment?: string
}

export interface StateMachineDefinition extends StateGraph {
  readonly Version?: '1.0'
  /** What states speak that do not say otherwise. Default: JSONPath. */
  readonly QueryLanguage?: QueryLanguage
  /** Seconds that an execution may take, from 1 to 99,999,999. */
  readonly TimeoutSeconds?: number
}

export const STATE_TYPES = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const
export type StateType = (typeof STATE_TYPES)[number]

export type State =
  | TaskState
  | WaitState
  | PassState
  | SucceedState
  | FailState
  | ChoiceState
  | ParallelState
  | MapState

interface CommonFields {
  readonly Comment?: string
  readonly QueryLanguage?: QueryLanguage
}

/** What states have that hand data on. `null` stands for `{}` (input) or for "throw it away" (result). */
interface DataFields {
  /** JSONPath. Default `$`. */
  readonly InputPath?: PathText | null
  /** JSONPath. Default `$`. */
  readonly OutputPath?: PathText | null
  /** JSONata; any JSON with expressions in it. */
  readonly Output?: JsonValue
}

interface AssignField {
  readonly Assign?: Assignments
}

/** Exactly one of the two: states that choose for themselves (Choice) or end (Succeed, Fail) have neither. */
export interface Transition {
  readonly Next?: string
  readonly End?: boolean
}

/** What the states have that do work: its result may be reshaped, put into the input, retried and caught. */
interface WorkFields {
  /** JSONPath: where in the input the result goes. Default `$`. */
  readonly ResultPath?: ReferencePathText | null
  /** JSONPath: a payload template over the result. */
  readonly ResultSelector?: JsonObject
  readonly Retry?: readonly Retrier[]
  readonly Catch?: readonly Catcher[]
}

export interface TaskState extends CommonFields, DataFields, AssignField, Transition, WorkFields {
  readonly Type: 'Task'
  readonly Resource: string
  /** JSONPath: a payload template. */
  readonly Parameters?: JsonValue
  /** JSONata: any JSON with expressions in it. */
  readonly Arguments?: JsonValue
  /** From 1 to 99,999,999; an expression in JSONata. */
  readonly TimeoutSeconds?: number | JsonataText
  readonly TimeoutSecondsPath?: PathText
  /** From 1 to 99,999,999 and less than the time-out; an expression in JSONata. */
  readonly HeartbeatSeconds?: number | JsonataText
  readonly HeartbeatSecondsPath?: PathText
  readonly Credentials?: Credentials
}

/** `RoleArn` (an expression in JSONata) or `RoleArn.$` (JSONPath). */
export type Credentials = JsonObject | JsonataText

export interface PassState extends CommonFields, DataFields, AssignField, Transition {
  readonly Type: 'Pass'
  /** JSONPath: static, never templated. */
  readonly Result?: JsonValue
  readonly ResultPath?: ReferencePathText | null
  readonly Parameters?: JsonValue
}

/** Exactly one of Seconds, SecondsPath, Timestamp and TimestampPath. */
export interface WaitState extends CommonFields, DataFields, AssignField, Transition {
  readonly Type: 'Wait'
  /** From 0 to 99,999,999; an expression in JSONata. */
  readonly Seconds?: number | JsonataText
  readonly SecondsPath?: PathText
  /** RFC 3339 with an upper-case `T` and an offset; an expression in JSONata. */
  readonly Timestamp?: string
  readonly TimestampPath?: PathText
}

export interface SucceedState extends CommonFields, DataFields {
  readonly Type: 'Succeed'
}

/** JSONata has expressions in Error and Cause; JSONPath has the Path forms, which take intrinsic functions too. */
export interface FailState extends CommonFields {
  readonly Type: 'Fail'
  readonly Error?: string
  readonly ErrorPath?: string
  readonly Cause?: string
  readonly CausePath?: string
}

export interface ChoiceState extends CommonFields, DataFields, AssignField {
  readonly Type: 'Choice'
  readonly Choices: readonly ChoiceRule[]
  readonly Default?: string
}

/** One choice of a Choice state; the JSONPath forms are a comparison at the top. */
export type ChoiceRule = (Comparison | JsonataCondition) & {
  readonly Next: string
  readonly Assign?: Assignments
  /** JSONata: the state's output when this choice is taken. */
  readonly Output?: JsonValue
  readonly Comment?: string
}

export interface JsonataCondition {
  readonly Condition: JsonataText | boolean
}

/** A condition of the JSONPath language: one operator, or other conditions joined. */
export type Comparison = AndComparison | OrComparison | NotComparison | VariableComparison

export interface AndComparison {
  readonly And: readonly Comparison[]
}
export interface OrComparison {
  readonly Or: readonly Comparison[]
}
export interface NotComparison {
  readonly Not: Comparison
}
/** `Variable` and exactly one comparison operator. */
export type VariableComparison = { readonly Variable: PathText } & {
  readonly [operator in ComparisonOperator]?: JsonValue
}

const ORDER = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'] as const
type Order = (typeof ORDER)[number]
type OrderedType = 'String' | 'Numeric' | 'Timestamp'
type OrderedOperator = `${OrderedType}${Order}`
type LiteralOperator = OrderedOperator | 'BooleanEquals'

export const TYPE_TESTS = ['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'] as const
export type TypeTest = (typeof TYPE_TESTS)[number]

/** Compares with a literal, or with what a path finds (`...Path`), or asks for a type (the operand may be false). */
export type ComparisonOperator = LiteralOperator | `${LiteralOperator}Path` | 'StringMatches' | TypeTest

const LITERAL_OPERATORS: readonly LiteralOperator[] = [
  ...(['String', 'Numeric', 'Timestamp'] as const).flatMap((type) => ORDER.map((order) => `${type}${order}` as const)),
  'BooleanEquals',
]

/** Every comparison operator of the JSONPath language. */
export const COMPARISON_OPERATORS: readonly ComparisonOperator[] = [
  ...LITERAL_OPERATORS,
  ...LITERAL_OPERATORS.map((operator) => `${operator}Path` as const),
  'StringMatches',
  ...TYPE_TESTS,
]

export interface ParallelState extends CommonFields, DataFields, AssignField, Transition, WorkFields {
  readonly Type: 'Parallel'
  readonly Branches: readonly StateGraph[]
  readonly Parameters?: JsonValue
  readonly Arguments?: JsonValue
}

export interface MapState extends CommonFields, DataFields, AssignField, Transition, WorkFields {
  readonly Type: 'Map'
  /** Exactly one of ItemProcessor and its old name, Iterator. processorOf reads either. */
  readonly ItemProcessor?: ItemProcessor
  readonly Iterator?: ItemProcessor
  /** JSONPath: where the items are in the input. Default `$`. */
  readonly ItemsPath?: PathText
  /** JSONata: the items, as an array, an object or an expression. */
  readonly Items?: JsonValue
  /** What each iteration receives; a template. Parameters is its old name in the JSONPath language. */
  readonly ItemSelector?: JsonValue
  readonly Parameters?: JsonValue
  /** How many iterations run at once; 0, the default, means no limit of the state's own. */
  readonly MaxConcurrency?: number | JsonataText
  readonly MaxConcurrencyPath?: PathText
  readonly ItemReader?: ItemReader
  readonly ItemBatcher?: ItemBatcher
  readonly ResultWriter?: ResultWriter
  /** From 0 to 100. */
  readonly ToleratedFailurePercentage?: number | JsonataText
  readonly ToleratedFailurePercentagePath?: PathText
  readonly ToleratedFailureCount?: number | JsonataText
  readonly ToleratedFailureCountPath?: PathText
  /** Names the Map Run of a distributed Map; at most 40 characters. */
  readonly Label?: string
}

export interface ItemProcessor extends StateGraph {
  readonly ProcessorConfig?: ProcessorConfig
}

export type ExecutionType = 'STANDARD' | 'EXPRESS'

/** ExecutionType goes with DISTRIBUTED only, and is mandatory there. */
export interface ProcessorConfig {
  readonly Mode?: 'INLINE' | 'DISTRIBUTED'
  readonly ExecutionType?: ExecutionType
}

/** Reads the items of a distributed Map from outside, such as `arn:aws:states:::s3:getObject`. */
export interface ItemReader {
  readonly Resource: string
  readonly ReaderConfig?: ReaderConfig
  readonly Parameters?: JsonValue
  readonly Arguments?: JsonValue
}

export interface ReaderConfig {
  readonly InputType?: 'CSV' | 'JSON' | 'JSONL' | 'PARQUET' | 'MANIFEST'
  readonly Transformation?: 'NONE' | 'LOAD_AND_FLATTEN'
  readonly ManifestType?: 'ATHENA_DATA' | 'S3_INVENTORY'
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB'
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN'
  readonly CSVHeaders?: readonly string[]
  readonly ItemsPointer?: string
  readonly MaxItems?: number | JsonataText
  readonly MaxItemsPath?: PathText
}

/** Groups the items of a distributed Map, by their number, their size, or both. */
export interface ItemBatcher {
  /** A template that each batch receives beside its items. */
  readonly BatchInput?: JsonValue
  readonly MaxItemsPerBatch?: number | JsonataText
  readonly MaxItemsPerBatchPath?: PathText
  /** At most 262,144. */
  readonly MaxInputBytesPerBatch?: number | JsonataText
  readonly MaxInputBytesPerBatchPath?: PathText
}

/** Writes the results of a distributed Map's iterations to S3, shaped or not. */
export interface ResultWriter {
  readonly Resource?: string
  readonly Parameters?: JsonValue
  readonly Arguments?: JsonValue
  readonly WriterConfig?: WriterConfig
}

export interface WriterConfig {
  readonly Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'
  readonly OutputType?: 'JSON' | 'JSONL'
}

export interface Retrier {
  /** Names of errors; `States.ALL` stands alone, in the last retrier. */
  readonly ErrorEquals: readonly string[]
  /** Default 1, from 1 to 99,999,999. */
  readonly IntervalSeconds?: number
  /** Default 3, from 0 to 99,999,999. */
  readonly MaxAttempts?: number
  /** Default 2.0, at least 1. */
  readonly BackoffRate?: number
  /** At least 1 and less than 31,622,400; more than IntervalSeconds. */
  readonly MaxDelaySeconds?: number
  /** Default NONE. */
  readonly JitterStrategy?: 'FULL' | 'NONE'
  readonly Comment?: string
}

export interface Catcher {
  /** Names of errors; `States.ALL` stands alone, in the last catcher. */
  readonly ErrorEquals: readonly string[]
  readonly Next: string
  /** JSONPath: where in the state's input `{Error, Cause}` goes. Default `$`. */
  readonly ResultPath?: ReferencePathText | null
  readonly Assign?: Assignments
  /** JSONata; default the error output. */
  readonly Output?: JsonValue
  readonly Comment?: string
}

/** Which query language a state speaks inside a machine. */
export function queryLanguageOf(
  machine: Pick<StateMachineDefinition, 'QueryLanguage'>,
  state: Pick<State, 'QueryLanguage'>,
): QueryLanguage {
  return state.QueryLanguage ?? machine.QueryLanguage ?? 'JSONPath'
}

/** What runs for each item of a Map, under its new name or its old one. */
export function processorOf(state: MapState): ItemProcessor {
  const processor = state.ItemProcessor ?? state.Iterator
  if (processor === undefined) throw new TypeError('A Map state that passed validation has a processor')
  return processor
}

/** Whether a Map runs its iterations as child executions. */
export function isDistributed(state: MapState): boolean {
  return processorOf(state).ProcessorConfig?.Mode === 'DISTRIBUTED'
}
