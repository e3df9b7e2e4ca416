import { choiceRule } from './choiceShape.ts'
import { catchers, retriers } from './errorHandlingShapes.ts'
import { itemBatcher, itemReader, itemSelector, items, resultWriter } from './mapShapes.ts'
import { isActivityArn, taskResource } from './resourceRules.ts'
import {
  field,
  isObject,
  jsonataField,
  jsonPathField,
  offering,
  type Rule,
  type Shape,
  type ShapeField,
  shaped,
} from './shape.ts'
import type { StateType } from './types.ts'
import {
  aBoolean,
  anything,
  aString,
  expressionOr,
  integer,
  jsonataTemplate,
  listOf,
  nullable,
  number,
  objectTemplate,
  path,
  pathOrCall,
  payloadTemplate,
  referencePath,
  resultPath,
  template,
  textOrExpression,
  timestamp,
} from './valueRules.ts'
import { assignments } from './variableRules.ts'

/**
 * What each type of state may and must hold.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html and the states' own pages
 */

const MAX_SECONDS = 99_999_999

type Fields = Readonly<Record<string, ShapeField>>

const common: Fields = {
  Type: field(anything),
  Comment: field(aString),
  QueryLanguage: field(anything),
}

const paths: Fields = { InputPath: jsonPathField(nullable(path)), OutputPath: jsonPathField(nullable(path)) }
const output: Fields = { ...paths, Output: jsonataField(jsonataTemplate) }
const outputOfResult: Fields = { ...paths, Output: jsonataField(offering(jsonataTemplate, 'result')) }
const transition: Fields = { Next: field(aString), End: field(aBoolean) }
const nextOrEnd = ['Next', 'End'] as const

const seconds = expressionOr(integer(1, MAX_SECONDS))

const work: Fields = {
  ...outputOfResult,
  Assign: field(offering(assignments, 'result')),
  ResultPath: jsonPathField(resultPath),
  ResultSelector: jsonPathField(objectTemplate),
  Retry: field(retriers),
  Catch: field(catchers),
  ...transition,
}

const credentials: Rule = (value, location, place) => {
  objectTemplate(value, location, place)
  if (isObject(value) && !Object.hasOwn(value, 'RoleArn') && !Object.hasOwn(value, 'RoleArn.$'))
    place.report.schema("The field 'RoleArn' is required but was missing", location)
}

const credentialsOfActivity: Rule = (_value, location, { report }) =>
  report.schema("The field 'Credentials' is not supported for activities", location)

const task: Shape = {
  fields: {
    ...common,
    ...work,
    Resource: field(taskResource),
    Parameters: jsonPathField(payloadTemplate),
    Arguments: jsonataField(jsonataTemplate),
    TimeoutSeconds: field(seconds),
    TimeoutSecondsPath: jsonPathField(referencePath),
    HeartbeatSeconds: field(seconds),
    HeartbeatSecondsPath: jsonPathField(referencePath),
    Credentials: field(credentials),
  },
  required: ['Resource'],
  exactlyOne: [nextOrEnd],
  atMostOne: [
    ['TimeoutSeconds', 'TimeoutSecondsPath'],
    ['HeartbeatSeconds', 'HeartbeatSecondsPath'],
  ],
}

const pass: Shape = {
  fields: {
    ...common,
    ...output,
    ...transition,
    Assign: field(assignments),
    Result: jsonPathField(anything),
    ResultPath: jsonPathField(resultPath),
    Parameters: jsonPathField(payloadTemplate),
  },
  exactlyOne: [nextOrEnd],
}

const wait: Shape = {
  fields: {
    ...common,
    ...output,
    ...transition,
    Assign: field(assignments),
    Seconds: field(expressionOr(integer(0, MAX_SECONDS))),
    SecondsPath: jsonPathField(referencePath),
    Timestamp: field(textOrExpression(timestamp)),
    TimestampPath: jsonPathField(referencePath),
  },
  exactlyOne: [['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'], nextOrEnd],
}

const succeed: Shape = { fields: { ...common, ...output } }

const fail: Shape = {
  fields: {
    ...common,
    Error: field(textOrExpression(aString)),
    ErrorPath: jsonPathField(pathOrCall),
    Cause: field(textOrExpression(aString)),
    CausePath: jsonPathField(pathOrCall),
  },
  atMostOne: [
    ['Error', 'ErrorPath'],
    ['Cause', 'CausePath'],
  ],
}

const choice: Shape = {
  fields: {
    ...common,
    ...output,
    Assign: field(assignments),
    Choices: field(listOf(choiceRule, { nonEmpty: true })),
    Default: field(aString),
  },
  required: ['Choices'],
}

function parallel(graph: Rule): Shape {
  return {
    fields: {
      ...common,
      ...work,
      Branches: field(listOf(graph, { nonEmpty: true })),
      Parameters: jsonPathField(payloadTemplate),
      Arguments: jsonataField(jsonataTemplate),
    },
    required: ['Branches'],
    exactlyOne: [nextOrEnd],
  }
}

function map(processor: Rule): Shape {
  return {
    fields: {
      ...common,
      ...work,
      ItemProcessor: field(processor),
      Iterator: field(processor),
      ItemsPath: jsonPathField(referencePath),
      Items: jsonataField(items),
      ItemSelector: field(itemSelector),
      Parameters: jsonPathField(template),
      ItemReader: field(itemReader),
      ItemBatcher: field(itemBatcher),
      ResultWriter: field(resultWriter),
      MaxConcurrency: field(expressionOr(integer(0, Number.POSITIVE_INFINITY))),
      MaxConcurrencyPath: jsonPathField(referencePath),
      ToleratedFailurePercentage: field(expressionOr(number(0, 100))),
      ToleratedFailurePercentagePath: jsonPathField(referencePath),
      ToleratedFailureCount: field(expressionOr(integer(0, Number.POSITIVE_INFINITY))),
      ToleratedFailureCountPath: jsonPathField(referencePath),
      Label: field(aString),
    },
    exactlyOne: [['ItemProcessor', 'Iterator'], nextOrEnd],
    atMostOne: [
      ['MaxConcurrency', 'MaxConcurrencyPath'],
      ['ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
      ['ToleratedFailureCount', 'ToleratedFailureCountPath'],
      ['ItemSelector', 'Parameters'],
    ],
  }
}

/** The rules of each type of state, given those of the graphs that states hold. */
export function stateRules(graph: Rule, processor: Rule): Readonly<Record<StateType, Rule>> {
  return {
    Task: shaped((state) => {
      const resource = state['Resource']
      if (typeof resource !== 'string' || !isActivityArn(resource)) return task
      return { ...task, fields: { ...task.fields, Credentials: field(credentialsOfActivity) } }
    }),
    Wait: shaped(wait),
    Pass: shaped(pass),
    Succeed: shaped(succeed),
    Fail: shaped(fail),
    Choice: shaped(choice),
    Parallel: shaped(parallel(graph)),
    Map: shaped(map(processor)),
  }
}
