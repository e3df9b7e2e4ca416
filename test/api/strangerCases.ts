/** What can be named of an account: of one that has it all, or of nobody. */
export interface Named {
  readonly accountId: string
  readonly functionName: string
  readonly requestId: string
  readonly caseId: string
  readonly mapRunArn: string
  /** Of two tasks that wait. */
  readonly taskTokens: readonly [string, string]
  readonly layerName: string
  readonly ids: Readonly<
    Record<'Account' | 'AccessToken' | 'Function' | 'FunctionVersion' | 'Alias' | 'Invocation' | 'CodePackage', string>
  >
}

/** A document that asks for, or changes, what it names. */
export interface StrangerCase {
  readonly document: string
  readonly variables?: (named: Named) => Readonly<Record<string, unknown>>
  /** Set where the document names nothing, so that there is nothing that only its owner could find. */
  readonly namesNothing?: true
  /** Set where nobody of any account may ask, but the operator of the installation. */
  readonly isForOperators?: true
}

const ERRORS = 'userErrors { code message field }'
const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }'
const FUNCTION =
  'query ($f: String!) { function(functionName: $f) { id functionArn invocations { nodes { requestId } } logEvents { nodes { message } } } }'
const LAYER =
  'query ($l: String!) { layer(layerName: $l) { layerArn latestVersion { codeSha256 } versions { nodes { version } } } }'
const arnOf = ({ accountId, functionName }: Named) => `arn:aws:lambda:us-east-1:${accountId}:function:${functionName}`

/** A mutation with one input. */
export function mutation(field: string, selection: string, input: (named: Named) => object): StrangerCase {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`
  return {
    document: `mutation ($input: ${type}) { ${field}(input: $input) { ${selection} ${ERRORS} } }`,
    variables: (named) => ({ input: input(named) }),
  }
}

/** By root field; in an order in which their owner can run them all, those that delete at the end. */
export const STRANGER_CASES: Readonly<Record<string, readonly StrangerCase[]>> = {
  'Query.viewer': [
    { document: '{ viewer { account { accountId accessTokens { nodes { id } } } } }', namesNothing: true },
  ],
  'Query.node': (['Account', 'AccessToken', 'Function', 'FunctionVersion', 'Alias', 'Invocation'] as const).map(
    (type) => ({ document: NODE, variables: ({ ids }) => ({ id: ids[type] }) }),
  ),
  'Query.nodes': [
    {
      document: 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      variables: ({ ids }) => ({ ids: Object.values(ids) }),
    },
  ],
  'Query.runtimes': [{ document: '{ runtimes { runtime } }', namesNothing: true }],
  'Query.function': [
    { document: FUNCTION, variables: ({ functionName }) => ({ f: functionName }) },
    { document: FUNCTION, variables: (named) => ({ f: arnOf(named) }) },
    {
      document: FUNCTION,
      variables: ({ accountId, functionName }) => ({ f: `${accountId}:function:${functionName}` }),
    },
  ],
  'Query.functions': [{ document: '{ functions { nodes { functionName } } }', namesNothing: true }],
  'Query.invocation': [
    {
      document:
        'query ($id: String!) { invocation(requestId: $id) { status payload attempts { cost } logEvents { nodes { message } } } }',
      variables: ({ requestId }) => ({ id: requestId }),
    },
  ],
  'Query.invocations': [
    { document: '{ invocations { nodes { requestId } } }', namesNothing: true },
    {
      document: 'query ($f: String!) { invocations(filter: { functionName: $f }) { nodes { requestId } } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Query.awsEndpoint': [{ document: '{ awsEndpoint { accessKeyId } }', namesNothing: true }],
  'Query.ledgerEntries': [{ document: '{ ledgerEntries { nodes { requestId } } }', namesNothing: true }],
  'Query.bill': [{ document: '{ bill { requests lines(groupBy: FUNCTION) { nodes { key } } } }', namesNothing: true }],
  'Query.costEstimate': [
    {
      document: '{ costEstimate(input: { requests: "1", durationMs: 1, memoryMiB: 128 }) { cost } }',
      namesNothing: true,
    },
  ],
  'Query.throttleEvents': [{ document: '{ throttleEvents { nodes { functionName } } }', namesNothing: true }],

  'Mutation.createFunction': [
    mutation('createFunction', 'function { functionArn }', ({ ids }) => ({
      functionName: 'from-package',
      runtime: 'NODEJS20_X',
      handler: 'index.handler',
      code: { codePackageId: ids.CodePackage },
    })),
  ],
  'Mutation.updateFunctionCode': [
    mutation('updateFunctionCode', 'function { id }', ({ functionName }) => ({
      functionName,
      code: { files: [{ path: 'index.js', content: 'exports.handler = async () => "changed"' }] },
    })),
  ],
  'Mutation.updateFunctionConfiguration': [
    mutation('updateFunctionConfiguration', 'function { layers { codeSizeBytes } }', (named) => ({
      functionName: named.functionName,
      layers: [`arn:aws:lambda:us-east-1:${named.accountId}:layer:${named.layerName}:1`],
    })),
    mutation('updateFunctionConfiguration', 'function { id }', ({ functionName }) => ({
      functionName,
      memoryMiB: 256,
    })),
    mutation('updateFunctionConfiguration', 'function { id }', (named) => ({ functionName: arnOf(named) })),
  ],
  'Mutation.tagFunction': [
    mutation('tagFunction', 'function { id }', ({ functionName }) => ({
      functionName,
      tags: [{ key: 'k', value: 'v' }],
    })),
  ],
  'Mutation.untagFunction': [
    mutation('untagFunction', 'function { id }', ({ functionName }) => ({ functionName, tagKeys: ['owner'] })),
  ],
  'Mutation.putFunctionConcurrency': [
    mutation('putFunctionConcurrency', 'function { id }', ({ functionName }) => ({
      functionName,
      reservedConcurrentExecutions: 5,
    })),
  ],
  'Mutation.deleteFunctionConcurrency': [
    mutation('deleteFunctionConcurrency', 'function { id }', ({ functionName }) => ({ functionName })),
  ],
  'Mutation.putProvisionedConcurrencyConfig': [
    mutation('putProvisionedConcurrencyConfig', 'provisionedConcurrencyConfig { requested }', ({ functionName }) => ({
      functionName,
      qualifier: '1',
      provisionedConcurrentExecutions: 1,
    })),
  ],
  'Mutation.deleteProvisionedConcurrencyConfig': [
    mutation('deleteProvisionedConcurrencyConfig', 'functionArn', ({ functionName }) => ({
      functionName,
      qualifier: '1',
    })),
  ],
  'Mutation.putFunctionEventInvokeConfig': [
    mutation('putFunctionEventInvokeConfig', 'functionEventInvokeConfig { functionArn }', ({ functionName }) => ({
      functionName,
      maximumRetryAttempts: 1,
    })),
  ],
  'Query.functionEventInvokeConfig': [
    {
      document: 'query ($f: String!) { functionEventInvokeConfig(functionName: $f) { functionArn } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Mutation.updateFunctionEventInvokeConfig': [
    mutation('updateFunctionEventInvokeConfig', 'functionEventInvokeConfig { functionArn }', ({ functionName }) => ({
      functionName,
      maximumRetryAttempts: 0,
    })),
  ],
  'Query.functionEventInvokeConfigs': [
    {
      document: 'query ($f: String!) { functionEventInvokeConfigs(functionName: $f) { nodes { functionArn } } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Mutation.putFunctionRecursionConfig': [
    mutation('putFunctionRecursionConfig', 'function { id }', ({ functionName }) => ({
      functionName,
      recursiveLoop: 'ALLOW',
    })),
  ],
  'Mutation.deleteFunctionEventInvokeConfig': [
    mutation('deleteFunctionEventInvokeConfig', 'functionArn', ({ functionName }) => ({ functionName })),
  ],
  'Mutation.publishLayerVersion': [
    mutation('publishLayerVersion', 'layerVersion { layerVersionArn }', ({ ids }) => ({
      layerName: 'from-package',
      content: { codePackageId: ids.CodePackage },
    })),
    mutation('publishLayerVersion', 'layerVersion { version }', ({ accountId }) => ({
      layerName: `arn:aws:lambda:us-east-1:${accountId}:layer:tools`,
      content: { files: [{ path: 'bin/tool', content: '#!/bin/sh' }] },
    })),
  ],
  'Query.layer': [
    { document: LAYER, variables: ({ layerName }) => ({ l: layerName }) },
    {
      document: LAYER,
      variables: ({ accountId, layerName }) => ({ l: `arn:aws:lambda:us-east-1:${accountId}:layer:${layerName}` }),
    },
  ],
  'Query.layers': [{ document: '{ layers { nodes { layerName } } }', namesNothing: true }],
  'Mutation.publishVersion': [mutation('publishVersion', 'version { id }', ({ functionName }) => ({ functionName }))],
  'Mutation.createAlias': [
    mutation('createAlias', 'alias { id }', ({ functionName }) => ({
      functionName,
      name: 'new',
      functionVersion: '$LATEST',
    })),
  ],
  'Mutation.updateAlias': [
    mutation('updateAlias', 'alias { id }', ({ functionName }) => ({ functionName, name: 'live', description: 'x' })),
  ],
  'Mutation.startAliasShift': [
    mutation('startAliasShift', 'aliasShift { status }', ({ functionName }) => ({
      functionName,
      aliasName: 'live',
      toVersion: '2',
      plan: { canary: { weightPercent: 10, durationSeconds: 60 } },
    })),
  ],
  'Mutation.stopAliasShift': [
    mutation('stopAliasShift', 'aliasShift { status }', ({ functionName }) => ({ functionName, aliasName: 'live' })),
  ],
  'Mutation.invoke': [
    mutation('invoke', 'statusCode payload logTail', ({ functionName }) => ({ functionName, logTail: true })),
    mutation('invoke', 'statusCode', ({ functionName }) => ({ functionName, qualifier: 'live', type: 'EVENT' })),
    mutation('invoke', 'statusCode', (named) => ({ functionName: arnOf(named), type: 'DRY_RUN' })),
  ],
  'Mutation.invokeBatch': [
    mutation('invokeBatch', 'requestIds', ({ functionName }) => ({ functionName, payloads: [1] })),
  ],
  'Mutation.cancelInvocation': [mutation('cancelInvocation', 'invocation { id }', ({ requestId }) => ({ requestId }))],
  'Mutation.redriveInvocations': [
    mutation('redriveInvocations', 'invocations { id }', ({ functionName }) => ({ functionName })),
  ],
  'Mutation.discardDeadLetters': [
    mutation('discardDeadLetters', 'invocations { id }', ({ functionName }) => ({ functionName })),
  ],
  'Mutation.putAwsEndpoint': [
    {
      document:
        'mutation { putAwsEndpoint(input: { accessKeyId: "k", secretAccessKey: "s" }) { awsEndpoint { accessKeyId } userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Mutation.deleteAwsEndpoint': [
    {
      document: 'mutation { deleteAwsEndpoint(input: { region: "us-east-1" }) { region userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Query.accountSettings': [{ document: '{ accountSettings { accountUsage { functionCount } } }', namesNothing: true }],
  'Query.limitIncreaseCases': [{ document: '{ limitIncreaseCases { nodes { caseId } } }', namesNothing: true }],
  'Query.throttleCounts': [
    { document: '{ throttleCounts(from: "2026-01-01T00:00:00Z") { functionName count } }', namesNothing: true },
  ],
  'Query.budgets': [{ document: '{ budgets { name } }', namesNothing: true }],
  'Query.priceLists': [{ document: '{ priceLists { name } }', namesNothing: true }],
  'Query.priceList': [{ document: '{ priceList { name } }', namesNothing: true }],
  'Mutation.putBudget': [
    {
      document: 'mutation { putBudget(input: { name: "b", amount: "1" }) { budget { name } userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Mutation.deleteBudget': [
    { document: 'mutation { deleteBudget(input: { name: "b" }) { name userErrors { code } } }', namesNothing: true },
  ],
  'Mutation.choosePriceList': [
    {
      document: 'mutation { choosePriceList(input: { name: "aws" }) { priceList { name } userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Mutation.requestLimitIncrease': [
    {
      document:
        'mutation { requestLimitIncrease(input: { desiredValue: 2000, reason: "r" }) { limitIncreaseCase { caseId } userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Mutation.cancelLimitIncrease': [
    mutation('cancelLimitIncrease', 'limitIncreaseCase { caseId }', ({ caseId }) => ({ caseId })),
  ],
  'Mutation.approveLimitIncrease': [
    {
      ...mutation('approveLimitIncrease', 'limitIncreaseCase { caseId }', ({ caseId }) => ({ caseId, note: 'n' })),
      isForOperators: true,
    },
  ],
  'Mutation.declineLimitIncrease': [
    {
      ...mutation('declineLimitIncrease', 'limitIncreaseCase { caseId }', ({ caseId }) => ({ caseId, note: 'n' })),
      isForOperators: true,
    },
  ],
  'Mutation.createAccessToken': [
    {
      document:
        'mutation { createAccessToken(input: { name: "own", role: INVOKER }) { accessToken { name role } userErrors { code } } }',
      namesNothing: true,
    },
  ],
  'Subscription.logTail': [
    {
      document: 'subscription ($f: String!) { logTail(functionName: $f, after: "") { functionName } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Subscription.logTailBatches': [
    {
      document:
        'subscription ($f: String!) { logTailBatches(functionName: $f, after: "") { events { functionName } } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Subscription.invocationEvents': [
    {
      document: 'subscription ($id: String!) { invocationEvents(invocationId: $id, after: "") { type } }',
      variables: ({ requestId }) => ({ id: requestId }),
    },
  ],
  'Subscription.aliasShiftEvents': [
    {
      document: 'subscription ($f: String!) { aliasShiftEvents(functionName: $f, after: "") { type } }',
      variables: ({ functionName }) => ({ f: functionName }),
    },
  ],
  'Subscription.billingEvents': [
    { document: 'subscription { billingEvents(after: "") { functionName } }', namesNothing: true },
  ],
  'Subscription.throttleEvents': [
    { document: 'subscription { throttleEvents(after: "") { functionName } }', namesNothing: true },
  ],

  'Mutation.deleteLayerVersion': [
    mutation('deleteLayerVersion', 'deletedLayerVersionArn', ({ layerName }) => ({ layerName, versionNumber: 1 })),
  ],
  'Mutation.deleteAlias': [
    mutation('deleteAlias', 'deletedAliasArn', ({ functionName }) => ({ functionName, name: 'live' })),
  ],
  'Mutation.deleteFunction': [
    mutation('deleteFunction', 'deletedFunctionArn', ({ functionName }) => ({ functionName, qualifier: '1' })),
    mutation('deleteFunction', 'deletedFunctionArn', ({ functionName }) => ({ functionName })),
  ],
  'Mutation.revokeAccessToken': [
    mutation('revokeAccessToken', 'accessToken { id }', ({ ids }) => ({ id: ids.AccessToken })),
  ],
}
