import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatRecords } from './lib/formatRecords.mjs'
import { HELP, readOptions } from './lib/options.mjs'
import { runExample } from './lib/runExample.mjs'
import { ScriptFault } from './lib/scriptFault.mjs'
import { createService } from './lib/service.mjs'
import { sumDecimals } from './lib/sumDecimals.mjs'

try {
  const options = await readOptions(process.argv.slice(2), process.env, process.cwd())
  if (options.help) console.log(HELP)
  else process.exitCode = await run(options)
} catch (error) {
  if (!(error instanceof ScriptFault)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
}

/** Runs the examples; the exit code. */
async function run({ endpoint, token, examples, out }) {
  const service = createService({ endpoint, token })
  const { viewer } = await service.execute('{ viewer { region account { accountId } } }')
  console.log(`LambdaQL at ${endpoint}, account ${viewer.account.accountId}, ${viewer.region}`)

  const records = []
  for (const example of examples) {
    console.log(`\n${example.name}: ${example.function.description}`)
    const ran = await runExample(service, example, out, (line) => console.log(`  ${line}`))
    records.push(...ran)
    console.log(indented(formatRecords(ran)))
    console.log(`  log of ${ran[0].case}:\n${indented(indented((ran[0].logTail ?? '').trimEnd()))}`)
  }
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'results.json'), `${JSON.stringify(records, null, 2)}\n`)

  const costs = records.map(({ attempt }) => attempt.cost).filter((cost) => cost !== null)
  console.log(`\n${records.length} invocations for $${sumDecimals(costs)}; outputs and logs are in ${out}`)
  const problems = records.filter(({ problem }) => problem !== null)
  for (const { example, case: name, problem } of problems) console.error(`error: ${example}, ${name}: ${problem}`)
  return problems.length === 0 ? 0 : 1
}

function indented(text) {
  return text.replace(/^/gm, '  ')
}
