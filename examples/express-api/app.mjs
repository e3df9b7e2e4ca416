import express from 'express'
import MarkdownIt from 'markdown-it'
import QRCode from 'qrcode'
import { HttpProblem, sendProblem } from './problem.mjs'
import { readQrOptions, readText, readWifi, wifiText } from './qrInput.mjs'

const MARKDOWN_LIMIT = '256kb'

/** The web service. `html: false` makes raw HTML in Markdown come out as text, so that answers can be shown as they are. */
export function createApp() {
  const markdown = new MarkdownIt({ html: false, linkify: true, typographer: true })
  const app = express()
  app.disable('x-powered-by')
  app.use(countRequests())
  app.use(logRequests)

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok', node: process.version, functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION })
  })

  app.get('/qr.svg', async (request, response) => {
    const text = readText(request.query)
    const svg = await QRCode.toString(text, { ...readQrOptions(text, request.query), type: 'svg' })
    response.set('cache-control', 'public, max-age=86400').type('image/svg+xml').send(svg)
  })

  app.get('/qr.png', async (request, response) => {
    const text = readText(request.query)
    const png = await QRCode.toBuffer(text, { ...readQrOptions(text, request.query), type: 'png' })
    response.set('cache-control', 'public, max-age=86400').type('png').send(png)
  })

  app.post('/wifi.png', express.json(), async (request, response) => {
    const text = wifiText(readWifi(request.body))
    const png = await QRCode.toBuffer(text, { ...readQrOptions(text, request.query), type: 'png' })
    response.status(201).set('cache-control', 'no-store').type('png').send(png)
  })

  app.post('/markdown', express.text({ type: 'text/markdown', limit: MARKDOWN_LIMIT }), (request, response) => {
    if (typeof request.body !== 'string') throw new HttpProblem(415, 'Send the document as text/markdown.')
    response.type('html').send(markdown.render(request.body))
  })

  app.use((request) => {
    throw new HttpProblem(404, `There is no ${request.method} ${request.path}.`)
  })
  app.use(sendProblem)
  return app
}

/** Numbers the requests of this environment: a number above 1 shows that a warm environment was used again. */
function countRequests() {
  let count = 0
  return (_request, response, next) => {
    count += 1
    response.set('x-environment-request', String(count))
    next()
  }
}

function logRequests(request, response, next) {
  const begin = performance.now()
  response.on('finish', () => {
    const durationMs = (performance.now() - begin).toFixed(1)
    console.log(`${request.method} ${request.originalUrl} ${response.statusCode} ${durationMs} ms`)
  })
  next()
}
