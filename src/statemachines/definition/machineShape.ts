import { fieldLocation } from './diagnostics.ts'
import { checkShape, field, isObject, type MachineType, type Place, type Rule, type Shape, shaped } from './shape.ts'
import { stateRules } from './stateShapes.ts'
import {
  type JsonObject,
  type JsonValue,
  QUERY_LANGUAGES,
  type QueryLanguage,
  STATE_TYPES,
  type StateType,
} from './types.ts'
import { aString, integer, oneOf } from './valueRules.ts'

/**
 * The machine itself, its graphs and the states in them.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
 */

const MAX_NAME_LENGTH = 80
const MAX_SECONDS = 99_999_999

const queryLanguage: Rule = oneOf(...QUERY_LANGUAGES)

/** Only the exact word means JSONPath; any other that is present is read as JSONata, beside being refused. */
function languageFrom(value: JsonValue | undefined, inherited: QueryLanguage): QueryLanguage {
  if (value === undefined) return inherited
  return value === 'JSONPath' ? 'JSONPath' : 'JSONata'
}

const graphShape: Shape = {
  fields: {
    Comment: field(aString),
    StartAt: field(aString),
    States: field((value, location, place) => states(value, location, place)),
  },
  required: ['StartAt', 'States'],
}

const graph: Rule = shaped(graphShape)

const processorConfig: Rule = shaped((config, { machineType }) => {
  const isDistributed = config['Mode'] === 'DISTRIBUTED'
  return {
    fields: {
      Mode: field((value, location, place) => {
        oneOf('INLINE', 'DISTRIBUTED')(value, location, place)
        if (isDistributed && machineType === 'EXPRESS')
          place.report.schema(
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
            location,
          )
      }),
      ...(isDistributed && { ExecutionType: field(oneOf('STANDARD', 'EXPRESS')) }),
    },
    required: isDistributed ? ['ExecutionType'] : [],
  }
})

/** The children of a distributed Map are executions of their own, with the rules of their own type. */
function machineTypeInside(processor: JsonObject, outside: MachineType): MachineType {
  const config = processor['ProcessorConfig']
  if (!isObject(config) || config['Mode'] !== 'DISTRIBUTED') return outside
  return config['ExecutionType'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD'
}

const processor: Rule = shaped({
  fields: {
    ...graphShape.fields,
    ProcessorConfig: field(processorConfig),
  },
  required: graphShape.required!,
})

const processorOfItsType: Rule = (value, location, place) => {
  if (!isObject(value)) return processor(value, location, place)
  const inside = { ...place, machineType: machineTypeInside(value, place.machineType) }
  const { ProcessorConfig: config, ...rest } = value
  processor(rest, location, inside)
  // Whether a Map may be distributed is for the machine around it to say.
  if (config !== undefined) processorConfig(config, fieldLocation(location, 'ProcessorConfig'), place)
}

const rules = stateRules(graph, processorOfItsType)

const states: Rule = (value, location, place) => {
  if (!isObject(value)) return place.report.schema('Expected value of type [OBJECT]', location)
  const named = Object.entries(value)
  if (named.length === 0) place.report.schema('Value cannot be empty', location)
  for (const [name, state] of named) {
    const at = fieldLocation(location, name)
    if ([...name].length > MAX_NAME_LENGTH)
      place.report.error(
        'INVALID_STATE_NAME',
        `State name '${name}' exceeds the ${MAX_NAME_LENGTH}-character limit allowed by the service`,
        at,
      )
    checkState(state, at, place)
  }
}

function checkState(state: JsonValue, location: string, around: Place): void {
  const { report, machineLanguage } = around
  if (!isObject(state)) {
    report.schema('Expected value of type [OBJECT]', location)
    return
  }
  const declared = state['QueryLanguage']
  const place: Place = { ...around, language: languageFrom(declared, machineLanguage), offered: AT_ENTRY }
  const isDowngrade = declared === 'JSONPath' && machineLanguage === 'JSONata'
  if (isDowngrade)
    report.schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", location)
  const type = state['Type']
  if (type === undefined) report.schema('These fields are required: [Type]', location)
  else if (!isStateType(type))
    report.schema(
      `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`,
      fieldLocation(location, 'Type'),
    )
  // Which of the languages its fields belong to is moot in a state that may not speak its own.
  else rules[type](isDowngrade ? inMachineLanguage(state) : state, location, place)
  if (declared !== undefined) queryLanguage(declared, fieldLocation(location, 'QueryLanguage'), place)
}

const AT_ENTRY = new Set(['input', 'context'] as const)

function isStateType(value: JsonValue): value is StateType {
  return typeof value === 'string' && (STATE_TYPES as readonly string[]).includes(value)
}

const JSONATA_FIELDS = new Set(['Output', 'Arguments', 'Items'])

/** A state without the fields that only the machine's language has. */
function inMachineLanguage(state: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !JSONATA_FIELDS.has(name)))
}

const machineShape: Shape = {
  fields: {
    QueryLanguage: field(queryLanguage),
    TimeoutSeconds: field(integer(1, MAX_SECONDS)),
    Version: field(oneOf('1.0')),
    ...graphShape.fields,
  },
  required: graphShape.required!,
}

/** Reports what is wrong with the shape of a whole definition. */
export function checkMachine(definition: JsonObject, place: Pick<Place, 'report' | 'machineType'>): void {
  const language = languageFrom(definition['QueryLanguage'], 'JSONPath')
  // The machine's own fields are read before its states, wherever they are written.
  const { States: graphs, ...own } = definition
  const ordered = graphs === undefined ? own : { ...own, States: graphs }
  checkShape(ordered, machineShape, '/', { ...place, machineLanguage: language, language, offered: AT_ENTRY })
}

/** Reports what is wrong with a state on its own, as TestState is given it: located as a machine's would be. */
export function checkLoneState(state: JsonObject, place: Pick<Place, 'report' | 'machineType'>): void {
  checkState(state, '/', { ...place, machineLanguage: 'JSONPath', language: 'JSONPath', offered: AT_ENTRY })
}
