import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deploy } from './deploy.mjs'
import { installDependencies } from './installDependencies.mjs'
import { invoke } from './invoke.mjs'
import { zipFolder } from './zipFolder.mjs'

/**
 * Deploys one example and runs its cases one after another. Every output goes to a file below `out`. One record a case:
 * `{ example, case, version, codeSha256, requestId, status, summary, problem, files, attempt, logTail }`, `problem` null
 * where all is well. Throws a ScriptFault when the example cannot be deployed or run at all.
 */
export async function runExample(service, example, out, log) {
  if (example.code.includes('node_modules')) await installDependencies(example.folder, log)
  const zip = await zipFolder(example.folder, example.code)
  log(`zipped ${zip.bytes.length} bytes`)
  const version = await deploy(service, example.function, zip, log)

  const folder = join(out, example.name)
  await mkdir(folder, { recursive: true })
  const records = []
  for (const one of await example.readCases()) {
    const answer = await invoke(service, example.function.functionName, version, one.event)
    await writeFile(join(folder, `${one.name}.log`), answer.logTail ?? '')
    const { summary, files, problem } = outcomeOf(example, one, answer)
    const paths = files.map((file) => join(folder, file.name))
    await Promise.all(files.map((file, index) => writeFile(paths[index], file.content)))
    records.push({
      example: example.name,
      case: one.name,
      version: answer.executedVersion,
      codeSha256: zip.sha256,
      requestId: answer.requestId,
      status: answer.status,
      summary,
      problem,
      files: paths,
      attempt: answer.attempt,
      logTail: answer.logTail,
    })
  }
  return records
}

/** What the example makes of an answer. A fault of the function, or a result that it did not expect, is a problem. */
function outcomeOf(example, one, { functionError, payload }) {
  if (functionError !== null) {
    const words = `${payload.errorType ?? functionError}: ${payload.errorMessage}`
    return { summary: words, files: [], problem: words }
  }
  try {
    return { ...example.present(one, payload), problem: null }
  } catch (error) {
    return { summary: error.message, files: [], problem: error.message }
  }
}
