import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { openPromise } from 'yauzl'
import { INSTALLATION_FOLDER } from '../../../installation.ts'
import type { ServiceResults } from './resultModel.ts'

/** An entry for each service, made by scripts/aws-api-results.mjs; not compiled, so src has it always. */
const FILE = join(INSTALLATION_FOLDER, 'src/statemachines/testState/mockedResults/awsApiResults.zip')

/** What a service's operations answer with; null where there is no such service. */
export async function awsApiResults(service: string): Promise<ServiceResults | null> {
  const zip = await openPromise(FILE, { autoClose: false })
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== `${service}.json`) continue
      const content = await buffer(await zip.openReadStreamPromise(entry))
      return JSON.parse(content.toString()) as ServiceResults
    }
    return null
  } finally {
    zip.close()
  }
}
