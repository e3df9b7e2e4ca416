import { mutation, type Named, type StrangerCase } from './strangerCases.ts'

const statesArn = ({ accountId }: Named, rest: string) => `arn:aws:states:us-east-1:${accountId}:${rest}`
const machineArn = (named: Named) => statesArn(named, 'stateMachine:steps')
const executionArn = (named: Named, name = 'one') => statesArn(named, `execution:steps:${name}`)
const activityArn = (named: Named) => statesArn(named, 'activity:work')

const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }
const definition = JSON.stringify(JSON.stringify(PASS))

/** Of step functions; see `STRANGER_CASES`. Their owner has what `furnishStateMachines` makes. */
export const STATE_MACHINE_CASES: Readonly<Record<string, readonly StrangerCase[]>> = {
  'Query.stateMachine': [
    {
      document:
        'query ($arn: String!) { stateMachine(stateMachineArn: $arn) { definition executions { nodes { input } } } }',
      variables: (named) => ({ arn: machineArn(named) }),
    },
  ],
  'Query.stateMachines': [{ document: '{ stateMachines { nodes { name } } }', namesNothing: true }],
  'Query.execution': [
    {
      document:
        'query ($arn: String!) { execution(executionArn: $arn) { input status history { nodes { type } } diagram } }',
      variables: (named) => ({ arn: executionArn(named) }),
    },
  ],
  'Query.executions': [{ document: '{ executions { nodes { name } } }', namesNothing: true }],
  'Query.mapRun': [
    {
      document: 'query ($arn: String!) { mapRun(mapRunArn: $arn) { status executions { nodes { input } } } }',
      variables: ({ mapRunArn }) => ({ arn: mapRunArn }),
    },
  ],
  'Query.validateStateMachineDefinition': [
    { document: `{ validateStateMachineDefinition(definition: ${definition}) { result } }`, namesNothing: true },
  ],
  'Query.activities': [{ document: '{ activities { nodes { name } } }', namesNothing: true }],
  'Subscription.executionEvents': [
    {
      document: 'subscription ($arn: String!) { executionEvents(executionArn: $arn) { type details } }',
      variables: (named) => ({ arn: executionArn(named) }),
    },
  ],

  'Mutation.createStateMachine': [
    {
      document: `mutation { createStateMachine(input: { name: "another", definition: ${definition} }) { userErrors { code } } }`,
      namesNothing: true,
    },
  ],
  'Mutation.updateStateMachine': [
    mutation('updateStateMachine', 'stateMachine { name }', (named) => ({
      stateMachineArn: machineArn(named),
      roleArn: 'arn:aws:iam::123456789012:role/other',
    })),
  ],
  'Mutation.tagStateMachine': [
    mutation('tagStateMachine', 'stateMachine { name }', (named) => ({
      stateMachineArn: machineArn(named),
      tags: [{ key: 'team', value: 'other' }],
    })),
  ],
  'Mutation.untagStateMachine': [
    mutation('untagStateMachine', 'stateMachine { name }', (named) => ({
      stateMachineArn: machineArn(named),
      tagKeys: ['team'],
    })),
  ],
  'Mutation.publishStateMachineVersion': [
    mutation('publishStateMachineVersion', 'version { version }', (named) => ({ stateMachineArn: machineArn(named) })),
  ],
  'Mutation.createStateMachineAlias': [
    mutation('createStateMachineAlias', 'alias { name }', (named) => ({
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: `${machineArn(named)}:1` }],
    })),
  ],
  'Mutation.updateStateMachineAlias': [
    mutation('updateStateMachineAlias', 'alias { name }', (named) => ({
      stateMachineAliasArn: `${machineArn(named)}:live`,
      description: 'changed',
    })),
  ],
  'Mutation.startExecution': [
    mutation('startExecution', 'execution { name }', (named) => ({ stateMachineArn: machineArn(named), name: 'new' })),
  ],
  'Mutation.startSyncExecution': [
    mutation('startSyncExecution', 'execution { status }', (named) => ({
      stateMachineArn: statesArn(named, 'stateMachine:quick'),
    })),
  ],
  'Mutation.testState': [
    mutation('testState', 'status error', (named) => ({
      definition: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: machineArn(named) },
        End: true,
      },
      roleArn: 'arn:aws:iam::123456789012:role/test',
    })),
  ],
  'Mutation.stopExecution': [
    mutation('stopExecution', 'execution { status }', (named) => ({ executionArn: executionArn(named, 'four') })),
  ],
  'Mutation.redriveExecution': [
    mutation('redriveExecution', 'execution { status }', (named) => ({
      executionArn: statesArn(named, 'execution:fails:failed'),
    })),
  ],
  'Mutation.sendTaskHeartbeat': [
    mutation('sendTaskHeartbeat', 'taskToken', ({ taskTokens }) => ({ taskToken: taskTokens[0] })),
  ],
  'Mutation.sendTaskSuccess': [
    mutation('sendTaskSuccess', 'taskToken', ({ taskTokens }) => ({ taskToken: taskTokens[0], output: 1 })),
  ],
  'Mutation.sendTaskFailure': [
    mutation('sendTaskFailure', 'taskToken', ({ taskTokens }) => ({ taskToken: taskTokens[1] })),
  ],
  'Mutation.createActivity': [
    { document: 'mutation { createActivity(input: { name: "other" }) { userErrors { code } } }', namesNothing: true },
  ],
  'Mutation.getActivityTask': [
    mutation('getActivityTask', 'task { input }', (named) => ({ activityArn: activityArn(named) })),
  ],

  'Mutation.deleteStateMachineAlias': [
    mutation('deleteStateMachineAlias', 'stateMachineAliasArn', (named) => ({
      stateMachineAliasArn: `${machineArn(named)}:live`,
    })),
  ],
  'Mutation.deleteStateMachineVersion': [
    mutation('deleteStateMachineVersion', 'stateMachineVersionArn', (named) => ({
      stateMachineVersionArn: `${machineArn(named)}:1`,
    })),
  ],
  'Mutation.deleteActivity': [
    mutation('deleteActivity', 'activityArn', (named) => ({ activityArn: activityArn(named) })),
  ],
  'Mutation.deleteStateMachine': [
    mutation('deleteStateMachine', 'stateMachineArn', (named) => ({ stateMachineArn: machineArn(named) })),
  ],
}
