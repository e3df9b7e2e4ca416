// Runs inside the sandbox: loads the handler, takes events on descriptor 3, answers on descriptor 4.
// The protocol is described in src/environments/README.md. Plain JavaScript for Node.js 20, 22 and 24.

takeCompiledModules()

const { readFileSync, statSync, writeSync } = require('node:fs')
const { createRequire } = require('node:module')
const { Socket } = require('node:net')
const { join, resolve } = require('node:path')
const { pathToFileURL } = require('node:url')
const { format } = require('node:util')

const REQUESTS = 3
const ANSWERS = 4
const [INIT, INVOKE, TAKEN] = [1, 2, 3]
const [READY, INIT_ERROR, RESULT, ERROR, LOG, CHUNK, END] = [17, 18, 19, 20, 21, 22, 23]
const LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100
const LONGEST_RECORD_BYTES = 256 * 1024
/** Where there is no INIT by then, it is not known yet for what function this is. */
const INIT_SOON_MS = 20
const RECORD_HEADER = { source: 'STDOUT' }

const realExit = process.exit.bind(process)
const pauseCell = new Int32Array(new SharedArrayBuffer(4))

/** Writes all bytes to a descriptor before it returns, so that nothing is lost when the process ends next. */
function writeAll(descriptor, bytes) {
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      Atomics.wait(pauseCell, 0, 0, 1)
    }
  }
}

function send(type, header, body = '') {
  const headerBytes = Buffer.from(JSON.stringify(header))
  const bodyBytes = Buffer.from(body)
  const prefix = Buffer.allocUnsafe(9)
  prefix.writeUInt32BE(5 + headerBytes.length + bodyBytes.length, 0)
  prefix.writeUInt8(type, 4)
  prefix.writeUInt32BE(headerBytes.length, 5)
  writeAll(ANSWERS, Buffer.concat([prefix, headerBytes, bodyBytes]))
}

/** Calls back with each frame that arrives on descriptor 3. Returns the socket. */
function receive(onFrame) {
  let pending = Buffer.alloc(0)
  const socket = new Socket({ fd: REQUESTS, readable: true, writable: false })
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const end = 4 + pending.readUInt32BE(0)
      const headerEnd = 9 + pending.readUInt32BE(5)
      const frame = {
        type: pending[4],
        header: JSON.parse(pending.toString('utf8', 9, headerEnd)),
        body: pending.toString('utf8', headerEnd, end),
      }
      pending = pending.subarray(end)
      onFrame(frame)
    }
  })
  socket.on('close', () => realExit(0))
  return socket
}

// --- Log -------------------------------------------------------------------------------------------------------------

let currentRequestId

function logRecord(level, text) {
  const line = `${new Date().toISOString()}\t${currentRequestId ?? 'undefined'}\t${level}\t${text}`
  const bytes = Buffer.from(line)
  let begin = 0
  while (bytes.length - begin > LONGEST_RECORD_BYTES) {
    const end = characterStart(bytes, begin + LONGEST_RECORD_BYTES)
    send(LOG, RECORD_HEADER, bytes.subarray(begin, end))
    begin = end
  }
  send(LOG, RECORD_HEADER, bytes.subarray(begin))
}

/** The start of the character of UTF-8 that the byte at `place` belongs to. */
function characterStart(bytes, place) {
  let start = place
  while ((bytes[start] & 0b11000000) === 0b10000000) start -= 1
  return start
}

function patchConsole() {
  const levels = {
    log: 'INFO',
    info: 'INFO',
    debug: 'DEBUG',
    warn: 'WARN',
    error: 'ERROR',
    trace: 'TRACE',
    fatal: 'FATAL',
  }
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => logRecord(level, format(...values))
  }
}

/**
 * What is written to standard output and standard error is written at once, as to a file: in its order, before the
 * answer, and before the process ends. Node would keep back what a socket does not take, and lose it on exit. The
 * streams are made when they are first used, which most functions never do.
 */
function writeStreamsAtOnce() {
  for (const name of ['stdout', 'stderr']) {
    const { get } = Object.getOwnPropertyDescriptor(process, name)
    let stream
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get() {
        if (stream === undefined) {
          stream = get.call(process)
          stream._handle?.setBlocking?.(true)
        }
        return stream
      },
    })
  }
}

// --- Errors ----------------------------------------------------------------------------------------------------------

/** An error that the runtime reports under a name of its own; the trace is its cause's where it has one. */
class RuntimeError extends Error {
  constructor(type, message, cause) {
    super(message)
    Object.defineProperty(this, 'name', { value: type })
    if (cause?.stack !== undefined) Object.defineProperty(this, 'stack', { value: cause.stack })
  }
}

class UnhandledPromiseRejection extends RuntimeError {
  constructor(reason, promise) {
    super('Runtime.UnhandledPromiseRejection', String(reason))
    Object.assign(this, { reason, promise })
  }
}

const neverSettled = () =>
  new RuntimeError(
    'Runtime.NodeJsExit',
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
      'was never settled.',
  )

/** AWS's error object of whatever was thrown, even of what throws when it is looked at. */
function errorObject(error) {
  try {
    return describe(error)
  } catch {
    return { errorType: 'handled', errorMessage: 'the thrown value cannot be read', trace: [] }
  }
}

function describe(error) {
  const isError = typeof error === 'object' && error !== null && 'stack' in error && 'message' in error
  if (!isError) return { errorType: typeof error, errorMessage: String(error), trace: [] }
  return {
    errorType: String(error.name),
    errorMessage: String(error.message),
    trace: String(error.stack).split('\n'),
  }
}

/** One record with all that the error carries and JSON can say; where it cannot, with what AWS's error object holds. */
function logError(label, error) {
  let text
  try {
    const thrown = error instanceof Error ? error : new Error(error)
    text = JSON.stringify(thrown, (_, value) => (value instanceof Error ? withHiddenProperties(value) : value))
  } catch {
    text = JSON.stringify(errorObject(error))
  }
  logRecord('ERROR', `${label} \t${text}`)
}

function withHiddenProperties(error) {
  const { name: errorType, message: errorMessage, code } = error
  return { errorType, errorMessage, code, ...error, stack: error.stack?.split('\n') }
}

// --- Streaming handlers ----------------------------------------------------------------------------------------------

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')
const HIGH_WATER_MARK = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response'
const PRELUDE_END = new Uint8Array(8)

/** The class of the stream that they write to; loaded with the first handler that streams. */
let ResponseStream

/** Makes the global that handlers are marked with, unless the function does not want it. */
function defineAwslambda({ AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: unwanted }) {
  if (unwanted === '1' || unwanted === 'true') return
  globalThis.awslambda = { ...globalThis.awslambda, streamifyResponse, HttpResponseStream }
}

function streamifyResponse(handler, options) {
  handler[STREAMING] = 'response'
  if (typeof options?.highWaterMark === 'number') handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark)
  return handler
}

/** Puts a status and headers before what a handler writes: as JSON, and eight bytes of nothing. */
// biome-ignore lint/complexity/noStaticOnlyClass: AWS's is a class, and code may ask for its name
class HttpResponseStream {
  static from(underlyingStream, prelude) {
    underlyingStream.setContentType(PRELUDE_TYPE)
    const text = JSON.stringify(prelude)
    underlyingStream._onBeforeFirstWrite = (write) => {
      write(text)
      write(PRELUDE_END)
    }
    return underlyingStream
  }
}

/** How a handler streams: null where it does not. Undefined where it says so in a way that there is not. */
function streamingOf(handler) {
  const mark = handler[STREAMING]
  if (!mark) return null
  return mark === 'response' ? { highWaterMark: handler[HIGH_WATER_MARK] } : undefined
}

// --- Loading the handler ---------------------------------------------------------------------------------------------

async function loadModule(taskRoot, path) {
  const base = resolve(taskRoot, path)
  const file = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find(isFile)
  try {
    if (file === undefined) return createRequire(__filename)(resolveModule(taskRoot, base, path))
    if (file.endsWith('.mjs') || (file.endsWith('.js') && isModule(taskRoot, file))) {
      return await import(pathToFileURL(file).href)
    }
    return createRequire(file)(file)
  } catch (error) {
    if (error?.code === 'MODULE_NOT_FOUND') {
      throw new RuntimeError('Runtime.ImportModuleError', `Error: ${error.message}`, error)
    }
    if (error instanceof SyntaxError) {
      throw new RuntimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error)
    }
    throw error
  }
}

/** A folder with an index, or a package. */
function resolveModule(taskRoot, base, path) {
  const { resolve: find } = createRequire(__filename)
  try {
    return find(base)
  } catch {
    return find(path, { paths: [taskRoot] })
  }
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Whether the nearest package.json makes `.js` files ES modules. */
function isModule(taskRoot, file) {
  let folder = resolve(file, '..')
  for (;;) {
    try {
      return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type === 'module'
    } catch {
      if (folder === taskRoot || folder === '/') return false
      folder = resolve(folder, '..')
    }
  }
}

/**
 * The user's NODE_OPTIONS, which reach the process only when it has started: with the user's other variables, after all
 * privileges have been dropped. What can be done now is done; of the rest the log tells.
 */
async function applyNodeOptions(taskRoot, text) {
  const words = text.split(/[\s=]+/).filter((word) => word !== '')
  const require = createRequire(join(taskRoot, 'index.js'))
  while (words.length > 0) {
    const option = words.shift()
    if (option === '--enable-source-maps') process.setSourceMapsEnabled(true)
    else if (option === '--require' || option === '-r') require(words.shift())
    else if (option === '--import') await import(importAddress(taskRoot, words.shift()))
    else if (option.startsWith('-')) logRecord('WARN', `NODE_OPTIONS: ${option} has no effect here`)
  }
}

function importAddress(taskRoot, specifier) {
  if (/^\.{0,2}\//.test(specifier)) return pathToFileURL(resolve(taskRoot, specifier)).href
  return /^[a-z]+:/.test(specifier)
    ? specifier
    : pathToFileURL(createRequire(join(taskRoot, 'index.js')).resolve(specifier)).href
}

async function loadHandler(taskRoot, text) {
  const slash = text.lastIndexOf('/')
  const [folder, name] = [text.slice(0, slash + 1), text.slice(slash + 1)]
  const match = /^([^.]*)\.(.*)$/.exec(name)
  if (text.includes('..')) {
    throw new RuntimeError(
      'Runtime.MalformedHandlerName',
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  }
  if (match === null) throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler')
  const loaded = await loadModule(taskRoot, folder + match[1])
  const handler = match[2].split('.').reduce((value, key) => value?.[key], loaded)
  if (handler === undefined || handler === null) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${text} is undefined or not exported`)
  }
  if (typeof handler !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${text} is not a function`)
  if (streamingOf(handler) === undefined) {
    throw new RuntimeError('Runtime.MalformedStreamingHandler', 'Only response streaming is supported.')
  }
  return handler
}

// --- One event -------------------------------------------------------------------------------------------------------

/** What is done when nothing is left to do in the event loop; null between events. */
let onEmptyLoop = null
/** Ends the present event with an error that nobody caught; null between events. */
let failCurrent = null
/** The response of the present event, where its handler streams it. */
let currentStream = null

function makeContext(statics, request) {
  return {
    functionVersion: statics.functionVersion,
    functionName: statics.functionName,
    memoryLimitInMB: statics.memoryLimitInMB,
    logGroupName: statics.logGroupName,
    logStreamName: statics.logStreamName,
    clientContext: request.clientContext === null ? undefined : JSON.parse(request.clientContext),
    identity: undefined,
    invokedFunctionArn: request.invokedFunctionArn,
    awsRequestId: request.requestId,
    getRemainingTimeInMillis: () => Math.max(0, request.deadlineMs - Date.now()),
  }
}

/** The context of a handler that may call back. */
function makeCallbackContext(statics, request, report) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    ...makeContext(statics, request),
    done: (error, result) => report(outcomeOf(error, result), false),
    fail: (error) => report({ error: error ?? 'handled' }, false),
    succeed: (result) => report({ result }, false),
  }
}

function outcomeOf(error, result) {
  return error === null || error === undefined ? { result } : { error }
}

/**
 * Resolves with `{ error }` or `{ result }`; never rejects. As on AWS: a promise counts when it settles, a callback when
 * the event loop is empty (or at once, where `callbackWaitsForEmptyEventLoop` is false). When the event loop is empty and
 * neither has happened, an asynchronous function has failed, and any other handler is done with `null`.
 */
function run(handler, statics, request, event) {
  return new Promise((settle) => {
    let reported = null
    const report = (outcome, waits) => {
      reported ??= outcome
      if (!waits || !context.callbackWaitsForEmptyEventLoop) settle(reported)
    }
    const context = makeCallbackContext(statics, request, report)
    const isAsync = handler.constructor?.name === 'AsyncFunction'
    failCurrent = (error) => settle({ error, isFatal: true })
    onEmptyLoop = () => settle(reported ?? (isAsync ? { error: neverSettled() } : { result: undefined }))
    requests.unref()
    try {
      const returned = handler(event, context, (error, result) => report(outcomeOf(error, result), true))
      if (typeof returned?.then === 'function') {
        returned.then(
          (result) => settle({ result }),
          (error) => settle({ error }),
        )
      }
    } catch (error) {
      settle({ error })
    }
  })
}

/**
 * The same of a handler that streams: `{ error }`, or `{ isStreamed }` when its promise has settled and all that it wrote
 * has been sent. What it writes afterwards is dropped.
 */
function runStreaming(handler, statics, request, event) {
  return new Promise((settle) => {
    const stream = new ResponseStream({
      ...streamingOf(handler),
      sendPiece: (piece) => send(CHUNK, { requestId: request.requestId }, piece),
      // Who waits for a reader has something left to do.
      hold: (isWaiting) => (isWaiting ? requests.ref() : requests.unref()),
    })
    currentStream = stream
    failCurrent = (error) => settle({ error, isFatal: true })
    onEmptyLoop = () => settle({ error: neverSettled() })
    requests.unref()
    const isSent = new Promise((resolve, reject) => {
      stream.once('finish', resolve)
      stream.once('error', reject)
      stream.once('close', () => reject(new Error('Response stream is not finished.')))
    })
    isSent.catch((error) => settle({ error }))
    async function untilSent() {
      const returned = handler(event, stream, makeContext(statics, request))
      if (typeof returned?.then !== 'function') throw new Error('Streaming does not support non-async handlers.')
      if ((await returned) !== undefined) console.warn('Streaming handlers ignore return values.')
      await isSent
      return { isStreamed: true }
    }
    untilSent().then(settle, (error) => settle({ error }))
  })
}

process.on('beforeExit', () => {
  requests.ref()
  onEmptyLoop?.()
})

async function handle(handler, statics, request, body) {
  currentRequestId = request.requestId
  process.env._X_AMZN_TRACE_ID = request.traceId
  const runHandler = streamingOf(handler) === null ? run : runStreaming
  const outcome = await runHandler(handler, statics, request, JSON.parse(body))
  currentStream?.cut()
  currentStream = null
  requests.ref()
  onEmptyLoop = null
  failCurrent = null
  answer(request, outcome)
  currentRequestId = undefined
  // What nobody caught leaves the process in a state that nobody knows.
  if (outcome.isFatal) realExit(1)
}

function answer(request, outcome) {
  if ('error' in outcome) {
    logError(outcome.isFatal ? fatalLabel(outcome.error) : 'Invoke Error', outcome.error)
    sendError(request, 'HANDLER_ERROR', errorObject(outcome.error), outcome.isFatal)
    return
  }
  if (outcome.isStreamed) {
    send(END, { requestId: request.requestId })
    return
  }
  let text
  try {
    text = JSON.stringify(outcome.result) ?? 'null'
  } catch (failure) {
    const message = `Unable to stringify response body as json: ${failure.message}`
    sendError(
      request,
      'UNSERIALISABLE_RESULT',
      errorObject(new RuntimeError('Runtime.UnableToStringify', message, failure)),
    )
    return
  }
  const bytes = Buffer.from(text)
  if (bytes.length > LARGEST_RESULT_BYTES) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESULT_BYTES} bytes).`
    sendError(request, 'RESPONSE_TOO_LARGE', { errorMessage, errorType: 'Function.ResponseSizeTooLarge' })
    return
  }
  send(RESULT, { requestId: request.requestId }, bytes)
}

/** `isLast` where the process ends behind it. */
function sendError(request, failure, object, isLast = false) {
  send(ERROR, { requestId: request.requestId, failure, isLast }, JSON.stringify(object))
}

// --- Life ------------------------------------------------------------------------------------------------------------

process.on('unhandledRejection', (reason, promise) => fail(new UnhandledPromiseRejection(reason, promise)))
process.on('uncaughtException', fail)

function fatalLabel(error) {
  return error instanceof UnhandledPromiseRejection ? 'Unhandled Promise Rejection' : 'Uncaught Exception'
}

/** What nobody caught ends the event or the start, and the process with it. */
function fail(error) {
  if (failCurrent !== null) {
    failCurrent(error)
    return
  }
  logError(fatalLabel(error), error)
  realExit(1)
}

/**
 * Node.js carries its own modules compiled, and V8 takes none of that where a flag is not as it was then. The size of the
 * heap is such a flag; it has been heeded by now, and is what it was then from here on. So nothing may be loaded before.
 */
function takeCompiledModules() {
  const flag = '--max-old-space-size=0'
  process.noDeprecation = true
  try {
    // The module of that name loads others first.
    process.binding('v8').setFlagsFromString(flag)
  } catch {
    require('node:v8').setFlagsFromString(flag)
  }
  delete process.noDeprecation
}

/** The function's modules find no main module, as on AWS, and not this one among those that are loaded. */
function hideBootstrap() {
  process.mainModule = undefined
  delete require.cache[__filename]
}

/** Loads what Node.js needs for ES modules. Whoever is started ahead has the time for it. */
function prepareModules() {
  import('data:text/javascript,')
}

async function init({ taskRoot, handler, environment }) {
  Object.assign(process.env, environment)
  process.chdir(taskRoot)
  defineAwslambda(process.env)
  failCurrent = (error) => {
    logError(fatalLabel(error), error)
    send(INIT_ERROR, {}, JSON.stringify(errorObject(error)))
    realExit(1)
  }
  try {
    await applyNodeOptions(taskRoot, environment.NODE_OPTIONS ?? '')
    const loaded = await loadHandler(taskRoot, handler ?? process.env._HANDLER)
    if (streamingOf(loaded) !== null) ({ ResponseStream } = require('./responseStream.cjs'))
    failCurrent = null
    send(READY, {})
    return loaded
  } catch (error) {
    failCurrent(error)
  }
}

hideBootstrap()
patchConsole()
writeStreamsAtOnce()
let handler
let statics
const requests = receive(async ({ type, header, body }) => {
  if (type === INIT) {
    clearTimeout(preparation)
    statics = header.statics
    handler = await init(header)
  }
  if (type === TAKEN && header.requestId === currentRequestId) currentStream?.taken(header.weightBytes)
  if (type === INVOKE) await handle(handler, statics, header, body)
})
const preparation = setTimeout(prepareModules, INIT_SOON_MS)
