import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { createSchema } from '../../src/api/schema.ts'

/** Lists that are no connections, each with what bounds it. */
const BOUNDED_LISTS: Readonly<Record<string, string>> = {
  'UserError.field': 'a path in the input',
  'GenericUserError.field': 'a path in the input',
  'ThrottleError.field': 'a path in the input',
  'FunctionConfiguration.environment': '4 KB in all',
  'Function.environment': '4 KB in all',
  'FunctionVersion.environment': '4 KB in all',
  'FunctionConfiguration.layers': 'five at most',
  'Function.layers': 'five at most',
  'FunctionVersion.layers': 'five at most',
  'LayerVersion.compatibleRuntimes': '15 at most',
  'LayerVersion.compatibleArchitectures': 'two processors',
  'Function.tags': '50 labels at most',
  'Invocation.attempts': 'three, and those that the platform lost',
  'Invocation.deliveries': 'one to a destination and one to the dead-letter queue',
  'RedriveInvocationsPayload.invocations': '100 dead letters a request',
  'DiscardDeadLettersPayload.invocations': '100 dead letters a request',
  'LogEventBatch.events': '500 at most',
  'InvokeBatchPayload.requestIds': '1,000 at most',
  'Query.throttleCounts': 'the 100 largest groups',
  'Query.budgets': '20 in a region',
  'Query.priceLists': '100 at most',
  'Budget.alertPercentages': 'ten and the stop',
  'PriceList.prices': 'two processors',
  'AliasShift.steps': '100 at most',
  'StateMachine.tags': '50 labels at most',
  'StateMachineAlias.routingConfiguration': 'one version or two',
  'Execution.currentStates': 'the states of a definition of 1 MiB',
  'Execution.states': 'the states of a definition of 1 MiB',
  'ExecutedState.invocations': '100 at most',
  'DefinitionValidation.diagnostics': '100 at most',
  'Query.nodes': 'as many as ids were given, 100 at most',
  'Query.runtimes': 'the runtimes of this version of the service',
}

const schema = createSchema()
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
)

interface Member {
  readonly at: string
  readonly description: string | null | undefined
}

function membersOf(type: GraphQLNamedType): Member[] {
  const members: Member[] = [{ at: type.name, description: type.description }]
  if (isEnumType(type)) {
    for (const value of type.getValues())
      members.push({ at: `${type.name}.${value.name}`, description: value.description })
  }
  if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      const at = `${type.name}.${field.name}`
      members.push({ at, description: field.description })
      for (const argument of 'args' in field ? field.args : [])
        members.push({ at: `${at}(${argument.name})`, description: argument.description })
    }
  }
  return members
}

/** Fields of objects and interfaces. */
function outputFields(): { readonly at: string; readonly field: GraphQLField<unknown, unknown> }[] {
  return types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).map((field) => ({ at: `${type.name}.${field.name}`, field }))
      : [],
  )
}

const isList = ({ type }: GraphQLField<unknown, unknown>) =>
  isListType(type) || (isNonNullType(type) && isListType(type.ofType))
const argumentNames = ({ args }: GraphQLField<unknown, unknown>) => args.map(({ name }) => name)

describe('the schema', () => {
  test('describes every type, field, argument and enum value in a sentence', () => {
    const silent = types.flatMap(membersOf).filter(({ description }) => !/^\S.*[.`)]$/s.test(description?.trim() ?? ''))
    expect(silent.map(({ at }) => at)).toEqual([])
  })

  test('says by which rules each scalar is written', () => {
    const scalars = types.filter(isScalarType)
    expect(scalars.map(({ name }) => name).sort()).toEqual(['BigInt', 'DateTime', 'Decimal', 'JSON'])
    for (const scalar of scalars) expect(scalar.specifiedByURL).toMatch(/^https:/)
  })

  test('has no list without a bound', () => {
    const unbounded = outputFields()
      .filter(({ at, field }) => isList(field) && !(at in BOUNDED_LISTS))
      .filter(({ at }) => !/(Connection\.(nodes|edges)|Payload\.userErrors)$/.test(at))
    expect(unbounded.map(({ at }) => at)).toEqual([])
    const lists = new Set(outputFields().flatMap(({ at, field }) => (isList(field) ? [at] : [])))
    expect(Object.keys(BOUNDED_LISTS).filter((at) => !lists.has(at))).toEqual([])
  })

  test('pages every connection: 50 by default, behind a cursor', () => {
    const connections = outputFields().filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'))
    expect(connections.length).toBeGreaterThan(5)
    for (const { at, field } of connections) {
      // What chooses the items, if anything does, stands before what chooses the page.
      expect({ at, names: argumentNames(field).slice(-2) }).toEqual({ at, names: ['first', 'after'] })
      expect(field.args.at(-2)?.defaultValue).toBe(50)
    }
  })

  test('gives every mutation one input and a payload with user errors', () => {
    for (const field of Object.values(schema.getMutationType()!.getFields())) {
      const name = `${field.name[0]!.toUpperCase()}${field.name.slice(1)}`
      expect(field.args.map(({ name, type }) => `${name}: ${type}`)).toEqual([`input: ${name}Input!`])
      expect(String(field.type)).toBe(`${name}Payload!`)
      const payload = getNamedType(field.type)
      expect(isObjectType(payload) && String(payload.getFields()['userErrors']?.type)).toBe('[UserError!]!')
    }
  })

  test('gives every stream of events a cursor, to begin with and in each event', () => {
    for (const field of Object.values(schema.getSubscriptionType()!.getFields())) {
      expect(argumentNames(field)).toContain('after')
      const event = getNamedType(field.type)
      expect(isObjectType(event) && String(event.getFields()['cursor']?.type)).toBe('String!')
    }
  })
})
