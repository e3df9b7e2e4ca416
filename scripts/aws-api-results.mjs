// Writes what AWS's operations answer with, which mocked results of TestState are held against:
//   pip download botocore==1.40.76 --no-deps && unzip botocore-*.whl 'botocore/data/*' -d FOLDER
//   node scripts/aws-api-results.mjs FOLDER/botocore/data
// The models are botocore's (Apache-2.0, https://github.com/boto/botocore), of when AWS let results be mocked: those
// that its recorded answers go by are not newer. Each service becomes an entry of a ZIP file:
// the shapes that its results are made of, with what is required and with their bounds, and nothing else.
import { createWriteStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'

const target = join(
  dirname(fileURLToPath(import.meta.url)),
  '../src/statemachines/testState/mockedResults/awsApiResults.zip',
)
const [, , folder] = process.argv
if (folder === undefined) throw new Error('please name the folder of botocore/data')

const zip = new ZipFile()
const written = pipeline(zip.outputStream, createWriteStream(target))
for (const name of foldersIn(folder)) {
  const model = latestModel(name)
  if (model === null) continue
  const text = JSON.stringify(resultsOf(model))
  zip.addBuffer(Buffer.from(text), `${serviceNameOf(model)}.json`, {
    mtime: new Date(0),
    mode: 0o100644,
    compressionLevel: 9,
  })
}
zip.end()
await written

function latestModel(name) {
  const version = foldersIn(join(folder, name)).at(-1)
  if (version === undefined) return null
  const file = join(folder, name, version, 'service-2.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  return existsSync(`${file}.gz`) ? JSON.parse(gunzipSync(readFileSync(`${file}.gz`)).toString()) : null
}

function foldersIn(path) {
  const entries = readdirSync(path, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** As `aws-sdk:` resources name it: the service's id in small letters, as the SDK for Java names its packages. */
function serviceNameOf({ metadata }) {
  return metadata.serviceId
    .replace(/ ?Service$/, '')
    .replace(/\W/g, '')
    .toLowerCase()
}

function resultsOf(model) {
  const operations = {}
  const shapes = {}
  for (const [name, { output }] of Object.entries(model.operations)) {
    if (output === undefined) continue
    operations[name] = output.shape
    keep(model, shapes, output.shape)
  }
  return { operations, shapes }
}

function keep(model, shapes, name) {
  if (Object.hasOwn(shapes, name)) return
  const { type, members, required, member, value, min, max, enum: values, document } = model.shapes[name]
  const parts = type === 'structure' ? Object.entries(members ?? {}) : []
  shapes[name] = {
    type: document ? 'document' : type,
    ...(type === 'structure' && { members: Object.fromEntries(parts.map(([part, { shape }]) => [part, shape])) }),
    ...(required?.length > 0 && { required }),
    ...(type === 'list' && { member: member.shape }),
    ...(type === 'map' && { value: value.shape }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(values !== undefined && { values }),
  }
  for (const [, { shape }] of parts) keep(model, shapes, shape)
  if (type === 'list') keep(model, shapes, member.shape)
  if (type === 'map') keep(model, shapes, value.shape)
}
