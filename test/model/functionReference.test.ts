import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { functionArn } from '../../src/model/functionArn.ts'
import {
  type FunctionNameShape,
  newNameFault,
  parseFunctionReference,
  parseUnqualifiedReference,
  qualifierTarget,
  TAGS_ON_FUNCTIONS_ONLY,
} from '../../src/model/functionReference.ts'

const SCOPE = { accountId: '111111111111', region: 'us-east-1' }
const ARN = 'arn:aws:lambda:us-east-1:111111111111:function'
const CREATE_PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?' +
  '([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?'
const READ_PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?' +
  '([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?'

const parse = (
  reference: string,
  qualifier: string | null = null,
  shape: FunctionNameShape = 'NamespacedFunctionName',
) => parseFunctionReference(SCOPE, reference, qualifier, shape)
const faultOf = (action: () => unknown) => {
  try {
    action()
  } catch (fault) {
    const { code, message, field } = fault as { code: string; message: string; field: string[] }
    return { code, message, field }
  }
  return null
}

describe('a function can be named', () => {
  it.each([
    ['by its name', 'my-function_1'],
    ['by a partial ARN with its account', '111111111111:function:my-function_1'],
    ['by a partial ARN without', 'function:my-function_1'],
    ['by account and name', '111111111111:my-function_1'],
    ['by region and name', 'us-east-1:my-function_1'],
    ['by its ARN', `${ARN}:my-function_1`],
    ['by its ARN in another partition', `${ARN.replace('aws', 'aws-us-gov')}:my-function_1`],
  ])('%s, with or without a qualifier (no. 38)', (_way, reference) => {
    for (const shape of ['FunctionName', 'NamespacedFunctionName'] as const) {
      expect(parse(reference, null, shape)).toEqual({ name: 'my-function_1', qualifier: null })
      for (const qualifier of ['$LATEST', '12', 'live']) {
        const expected = { name: 'my-function_1', qualifier }
        expect(parse(`${reference}:${qualifier}`, null, shape)).toEqual(expected)
        expect(parse(reference, qualifier, shape)).toEqual(expected)
        expect(parse(`${reference}:${qualifier}`, qualifier, shape)).toEqual(expected)
      }
    }
  })

  it('by whatever its ARN is formatted to', () => {
    const names = fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/)
    const qualifiers = fc.option(fc.oneof(fc.constant('$LATEST'), fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}$/)))
    fc.assert(
      fc.property(names, qualifiers, (name, qualifier) => {
        expect(parse(functionArn(SCOPE, name, qualifier))).toEqual({ name, qualifier })
      }),
    )
  })

  it('with a dot or .PUBLISHED where it is read, not where it is created (no. 39, 40)', () => {
    expect(parse('a.b')).toEqual({ name: 'a.b', qualifier: null })
    expect(parse('a:$LATEST.PUBLISHED')).toEqual({ name: 'a', qualifier: '$LATEST.PUBLISHED' })
    for (const reference of ['a.b', 'a:$LATEST.PUBLISHED']) {
      expect(faultOf(() => parse(reference, null, 'FunctionName'))).toMatchObject({ code: 'VALIDATION' })
    }
  })

  it('by an incomplete ARN, which names a function "function" (no. 47)', () => {
    expect(parse(ARN)).toEqual({ name: 'function', qualifier: null })
  })

  it('with the qualifier $latest, which means no version (no. 48)', () => {
    expect(parse('my-function', '$latest')).toEqual({ name: 'my-function', qualifier: '$latest' })
    expect(qualifierTarget('$latest')).toEqual({ kind: 'ALIAS', name: '$latest' })
  })
})

describe('a name is refused', () => {
  it('with the pattern of its operation (TestLambdaFunction::test_function_arns, test_invalid_invoke)', () => {
    expect(faultOf(() => parse('invalid:function:name', null, 'FunctionName'))).toEqual({
      code: 'VALIDATION',
      message: `1 validation error detected: Value 'invalid:function:name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${CREATE_PATTERN}`,
      field: ['input', 'functionName'],
    })
    const value = 'arn:aws:lambda:us-east-1:123400000000@function:myfn'
    expect(faultOf(() => parse(value))?.message).toBe(
      `1 validation error detected: Value '${value}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${READ_PATTERN}`,
    )
  })

  it('when the whole of it is longer than 140 characters on creation (no. 42)', () => {
    const value = `${ARN}:${'a'.repeat(141 - ARN.length - 1)}`
    expect(faultOf(() => parse(value, null, 'FunctionName'))).toMatchObject({
      code: 'VALIDATION',
      message: `1 validation error detected: Value '${value}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140`,
    })
    expect(parse(value).name).toHaveLength(141 - ARN.length - 1)
  })

  it('when the name itself is longer than 64 characters, with another code (no. 42)', () => {
    expect(newNameFault('a'.repeat(64))).toBeNull()
    expect(newNameFault('a'.repeat(65))).toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: `1 validation error detected: Value '${'a'.repeat(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    })
  })

  it.each(['', ' ', 'a b', 'a:', ':a', 'a:b:c', 'ä', 'a/b', 'a\n', 'arn:aws:s3:us-east-1:111111111111:function:a'])(
    'when it is %j',
    (reference) => {
      expect(faultOf(() => parse(reference))).toMatchObject({ code: 'VALIDATION' })
    },
  )

  it('and the qualifier stands first when both are bad (no. 43)', () => {
    const message = faultOf(() => parse('a b', `!${'q'.repeat(128)}`))?.message ?? ''
    expect(message.startsWith('3 validation errors detected: Value ')).toBe(true)
    expect(message.match(/at '(\w+)'/g)).toEqual(["at 'qualifier'", "at 'qualifier'", "at 'functionName'"])
  })

  it('in any text without a crash, and never parsed into something else', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), (reference, qualifier) => {
        try {
          const parsed = parse(reference, qualifier)
          expect(reference).toContain(parsed.name)
          expect(parsed.name).toMatch(/^[a-zA-Z0-9_.-]+$/)
        } catch (fault) {
          expect(fault).toMatchObject({ name: 'UserFault' })
        }
      }),
    )
  })
})

describe('a well-formed name is refused', () => {
  it('in another region, before anything else about it (no. 45)', () => {
    const reference = 'arn:aws:lambda:ap-southeast-1:222222222222:function:f:1'
    expect(faultOf(() => parse(reference, '2'))).toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
      message: "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')",
    })
  })

  it('in another account (no. 46)', () => {
    expect(faultOf(() => parse('222222222222:function:f'))).toMatchObject({ code: 'ACCESS_DENIED' })
  })

  it('when its qualifier is not the other one (no. 44)', () => {
    expect(faultOf(() => parse('f:1', '2'))).toEqual({
      code: 'INVALID_PARAMETER_VALUE',
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
      field: ['input', 'qualifier'],
    })
  })

  it('with any qualifier where the operation is on the function', () => {
    expect(parseUnqualifiedReference(SCOPE, `${ARN}:f`)).toBe('f')
    expect(faultOf(() => parseUnqualifiedReference(SCOPE, 'f:1'))).toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
    expect(faultOf(() => parseUnqualifiedReference(SCOPE, 'f:$LATEST', TAGS_ON_FUNCTIONS_ONLY))).toMatchObject({
      message: 'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    })
  })
})

describe('a qualifier means', () => {
  it.each([
    [null, { kind: 'VERSION', number: 0 }],
    ['$LATEST', { kind: 'VERSION', number: 0 }],
    ['1', { kind: 'VERSION', number: 1 }],
    ['2147483647', { kind: 'VERSION', number: 2147483647 }],
    ['2147483648', { kind: 'ALIAS', name: '2147483648' }],
    ['0', { kind: 'ALIAS', name: '0' }],
    ['01', { kind: 'ALIAS', name: '01' }],
    ['live', { kind: 'ALIAS', name: 'live' }],
  ])('%s: %o', (qualifier, target) => {
    expect(qualifierTarget(qualifier)).toEqual(target)
  })
})
