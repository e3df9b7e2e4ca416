import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ScriptFault } from './scriptFault.mjs'
import { withoutUserErrors } from './service.mjs'

// Base64 in a mutation is the simplest; from this size on the plain upload saves a third of the bytes.
const INLINE_LIMIT_BYTES = 256 * 1024
const POLL_EVERY_MS = 300
const LONGEST_WAIT_MS = 180_000

const CONFIGURATION = /* GraphQL */ `
  fragment Configuration on Function {
    description runtime handler memoryMiB timeoutSeconds environment { name value } codeSha256 state stateReason
  }`
const FIND = /* GraphQL */ `
  query Find($functionName: String!) { function(functionName: $functionName) { ...Configuration } } ${CONFIGURATION}`
const CREATE = /* GraphQL */ `
  mutation Create($input: CreateFunctionInput!) {
    createFunction(input: $input) { function { codeSha256 } userErrors { code message field } }
  }`
const UPDATE_CODE = /* GraphQL */ `
  mutation UpdateCode($input: UpdateFunctionCodeInput!) {
    updateFunctionCode(input: $input) { function { codeSha256 } userErrors { code message field } }
  }`
const UPDATE_CONFIGURATION = /* GraphQL */ `
  mutation UpdateConfiguration($input: UpdateFunctionConfigurationInput!) {
    updateFunctionConfiguration(input: $input) { function { revisionId } userErrors { code message field } }
  }`
const PUBLISH = /* GraphQL */ `
  mutation Publish($input: PublishVersionInput!) {
    publishVersion(input: $input) { version { version } userErrors { code message field } }
  }`

/**
 * Brings a function to this code and configuration, creating it where there is none and changing only what differs,
 * and publishes it. The number of the version that has them, an existing one when nothing changed.
 */
export async function deploy(service, wanted, zip, log) {
  const { functionName, ...configuration } = wanted
  const { function: present } = await service.execute(FIND, { functionName })
  if (present === null) {
    const code = await upload(service, zip, log)
    const { createFunction } = await service.execute(CREATE, { input: { ...wanted, code } })
    withoutUserErrors('createFunction', createFunction)
    log(`created ${functionName}`)
  } else {
    await update(service, functionName, present, configuration, zip, log)
  }
  await untilActive(service, functionName, log)
  const { publishVersion } = await service.execute(PUBLISH, { input: { functionName, codeSha256: zip.sha256 } })
  const { version } = withoutUserErrors('publishVersion', publishVersion).version
  log(`version ${version}`)
  return version
}

async function update(service, functionName, present, configuration, zip, log) {
  if (present.codeSha256 === zip.sha256) {
    log(`${functionName} has this code already`)
  } else {
    const code = await upload(service, zip, log)
    const { updateFunctionCode } = await service.execute(UPDATE_CODE, { input: { functionName, code } })
    withoutUserErrors('updateFunctionCode', updateFunctionCode)
    log(`updated the code of ${functionName}`)
    await untilActive(service, functionName, log)
  }
  const differs = Object.entries(configuration).some(([name, value]) => !isDeepStrictEqual(plain(present[name]), value))
  if (!differs) return
  const { updateFunctionConfiguration } = await service.execute(UPDATE_CONFIGURATION, {
    input: { functionName, ...configuration },
  })
  withoutUserErrors('updateFunctionConfiguration', updateFunctionConfiguration)
  log(`updated the configuration of ${functionName}`)
}

const plain = (value) => JSON.parse(JSON.stringify(value))

async function upload(service, { bytes }, log) {
  if (bytes.length <= INLINE_LIMIT_BYTES) return { zipFile: bytes.toString('base64') }
  const { codePackageId, codeSizeBytes } = await service.upload(bytes)
  log(`uploaded ${codeSizeBytes} bytes as a code package`)
  return { codePackageId }
}

/** Waits while the function is being prepared; its runtime may be on its way. Throws a ScriptFault where that fails. */
async function untilActive(service, functionName, log) {
  const deadline = performance.now() + LONGEST_WAIT_MS
  let said = null
  for (;;) {
    const { function: present } = await service.execute(FIND, { functionName })
    const { state, stateReason } = present ?? { state: 'gone', stateReason: null }
    if (state === 'ACTIVE') return
    const words = `${functionName} is ${state}${stateReason === null ? '' : `: ${stateReason}`}`
    if (state !== 'PENDING' || performance.now() > deadline) throw new ScriptFault(words)
    if (said !== words) log(words)
    said = words
    await sleep(POLL_EVERY_MS)
  }
}
