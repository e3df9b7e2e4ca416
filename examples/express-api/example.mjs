import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const folder = import.meta.dirname

// File of the event, and the HTTP status that it should be answered with.
const EVENTS = [
  ['01-health', 200],
  ['02-qr-svg', 200],
  ['03-qr-png', 200],
  ['04-wifi-png', 201],
  ['05-markdown', 200],
  ['06-bad-size', 400],
  ['07-broken-json', 400],
  ['08-not-found', 404],
]

const EXTENSIONS = new Map([
  ['image/png', 'png'],
  ['image/svg+xml', 'svg'],
  ['text/html', 'html'],
])

export default {
  name: 'express-api',
  folder,
  function: {
    functionName: 'example-express-api',
    description: 'QR codes and Markdown as a web service: Express 5 behind serverless-http',
    runtime: 'NODEJS20_X',
    handler: 'index.handler',
    memoryMiB: 256,
    timeoutSeconds: 10,
    environment: [{ name: 'NODE_ENV', value: 'production' }],
  },
  code: ['index.mjs', 'app.mjs', 'problem.mjs', 'qrInput.mjs', 'package.json', 'node_modules'],

  readCases() {
    return Promise.all(
      EVENTS.map(async ([name, status]) => ({
        name,
        status,
        event: JSON.parse(await readFile(join(folder, 'events', `${name}.json`), 'utf8')),
      })),
    )
  },

  present({ name, status }, { statusCode, headers, body, isBase64Encoded }) {
    const content = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
    if (statusCode !== status) throw new Error(`HTTP ${statusCode} instead of ${status}: ${content}`)
    const type = headers['content-type'].split(';')[0]
    return {
      summary: `HTTP ${statusCode}, ${type}, ${content.length} bytes`,
      files: [{ name: `${name}.${EXTENSIONS.get(type) ?? 'json'}`, content }],
    }
  },
}
