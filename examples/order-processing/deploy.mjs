import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withoutUserErrors } from '../lib/service.mjs'

const FUNCTIONS = [
  { name: 'validate', file: 'validate.mjs', path: 'index.mjs', runtime: 'NODEJS20_X', handler: 'index.handler' },
  { name: 'charge', file: 'charge.py', path: 'index.py', runtime: 'PYTHON3_11', handler: 'index.handler' },
  { name: 'ask', file: 'ask.mjs', path: 'index.mjs', runtime: 'NODEJS20_X', handler: 'index.handler' },
  { name: 'notify', file: 'notify.sh', path: 'bootstrap', runtime: 'PROVIDED_AL2023', handler: 'notify' },
  { name: 'ship', file: 'ship.py', path: 'index.py', runtime: 'PYTHON3_11', handler: 'index.handler' },
  { name: 'refund', file: 'refund.mjs', path: 'index.mjs', runtime: 'NODEJS20_X', handler: 'index.handler' },
]

const FIND = /* GraphQL */ `query ($name: String!) { function(functionName: $name) { functionArn } }`
const CREATE = /* GraphQL */ `
  mutation ($input: CreateFunctionInput!) { createFunction(input: $input) { userErrors { code message field } } }`
const UPDATE = /* GraphQL */ `
  mutation ($input: UpdateFunctionCodeInput!) { updateFunctionCode(input: $input) { userErrors { code message field } } }`
const MACHINE = /* GraphQL */ `
  query { viewer { region account { accountId } } stateMachines(first: 100) { nodes { name stateMachineArn } } }`
const CREATE_MACHINE = /* GraphQL */ `
  mutation ($input: CreateStateMachineInput!) {
    createStateMachine(input: $input) { stateMachine { stateMachineArn } userErrors { code message field } }
  }`
const UPDATE_MACHINE = /* GraphQL */ `
  mutation ($input: UpdateStateMachineInput!) {
    updateStateMachine(input: $input) { stateMachine { stateMachineArn } userErrors { code message field } }
  }`

/** Brings functions and state machine of the example to a service, in place where they are there. Answers the ARN. */
export async function deployOrderProcessing(service, log) {
  for (const { name, file, path, runtime, handler } of FUNCTIONS) {
    const functionName = `order-${name}`
    const content = await readFile(join(import.meta.dirname, 'functions', file), 'utf8')
    const code = { files: [{ path, content }] }
    const { function: present } = await service.execute(FIND, { name: functionName })
    const answer =
      present === null
        ? await service.execute(CREATE, { input: { functionName, runtime, handler, timeoutSeconds: 60, code } })
        : await service.execute(UPDATE, { input: { functionName, code } })
    withoutUserErrors(functionName, Object.values(answer)[0])
    log(`${functionName} (${runtime})`)
  }
  const definition = await readFile(join(import.meta.dirname, 'machine.json'), 'utf8')
  const { stateMachines } = await service.execute(MACHINE)
  const present = stateMachines.nodes.find(({ name }) => name === 'orders')
  const answer =
    present === undefined
      ? await service.execute(CREATE_MACHINE, { input: { name: 'orders', definition } })
      : await service.execute(UPDATE_MACHINE, {
          input: { stateMachineArn: present.stateMachineArn, definition },
        })
  const { stateMachineArn } = withoutUserErrors('orders', Object.values(answer)[0]).stateMachine
  log(stateMachineArn)
  return stateMachineArn
}
