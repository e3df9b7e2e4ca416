import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findToken } from '../lib/findToken.mjs'
import { ScriptFault } from '../lib/scriptFault.mjs'
import { createService } from '../lib/service.mjs'
import { deployOrderProcessing } from './deploy.mjs'
import { decide, lookAtOrder, placeOrder, tokenOf } from './orders.mjs'

const HELP = `Deploys the order machine to a running LambdaQL, places an order and follows it to its end.

Usage: node examples/order-processing/run.mjs [options]

  --endpoint URL   where the service listens (default http://127.0.0.1:4000)
  --token TOKEN    access token (default: the variable LAMBDAQL_TOKEN, then the file .lambdaql/access-token)
  --total PRICE    price of the order; above 500 a person has to approve (default 650)
  --refuse         refuses instead of approving: the payment is given back
  --by-hand        does not decide: prints the mutation that does
  --no-address     an order that cannot be shipped: the payment is given back
  --help           print this`

try {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string', default: 'http://127.0.0.1:4000' },
      token: { type: 'string' },
      total: { type: 'string', default: '650' },
      refuse: { type: 'boolean', default: false },
      'by-hand': { type: 'boolean', default: false },
      'no-address': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else await run(values)
} catch (error) {
  if (!(error instanceof ScriptFault)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
}

async function run(values) {
  const token = values.token ?? (await findToken(process.env, process.cwd()))
  const service = createService({ endpoint: values.endpoint, token })
  console.log('deploying')
  const arn = await deployOrderProcessing(service, (line) => console.log(`  ${line}`))
  const order = {
    customer: 'Ada',
    address: values['no-address'] ? null : '12 St James Square, London',
    items: [{ name: 'difference engine, small', price: Number(values.total) }],
    bankBusyTimes: 1,
  }
  const executionArn = await placeOrder(service, arn, order, `order-${Date.now()}`)
  console.log(executionArn)
  let after = null
  let isDecided = false
  for (;;) {
    const { status, history, ...ended } = await lookAtOrder(service, executionArn, after)
    for (const { id, type, details } of history.nodes) {
      console.log(`  ${String(id).padStart(3)} ${type}${details?.name === undefined ? '' : ` ${details.name}`}`)
    }
    after = history.pageInfo.endCursor ?? after
    const taskToken = tokenOf(history.nodes)
    if (taskToken !== null && !isDecided) {
      isDecided = true
      await ask(service, taskToken, values)
    }
    if (status !== 'RUNNING' && !history.pageInfo.hasNextPage) {
      console.log(status, ended.output ?? `${ended.error}: ${ended.cause}`)
      console.table(
        ended.states.map(({ name, type, status: became, durationMs, cost }) => ({
          name,
          type,
          became,
          durationMs,
          cost,
        })),
      )
      console.log(`cost $${ended.cost}`)
      return
    }
    await sleep(100)
  }
}

async function ask(service, taskToken, { refuse, 'by-hand': byHand }) {
  if (byHand) {
    console.log(
      `  waiting for you:\n    mutation { sendTaskSuccess(input: { taskToken: "${taskToken}", output: { approvedBy: "me" } }) { userErrors { message } } }`,
    )
    return
  }
  console.log(`  a person ${refuse ? 'refuses' : 'approves'}`)
  await decide(service, taskToken, !refuse, 'the person in charge')
}
