import { HttpProblem } from './problem.mjs'

// What the largest QR code holds in bytes at each level of error correction, by ISO/IEC 18004.
const CAPACITY_BYTES = new Map([
  ['L', 2953],
  ['M', 2331],
  ['Q', 1663],
  ['H', 1273],
])
const WIFI_SECURITY = ['WPA', 'WEP', 'nopass']

/** The text of a QR code out of the query. Throws an HttpProblem (400) when it is missing or given twice. */
export function readText({ text }) {
  if (typeof text !== 'string' || text === '') throw new HttpProblem(400, 'The query needs one text.')
  return text
}

/**
 * How the code of `text` is drawn: `size` in pixels, 64 to 2,048, and `correction` L, M, Q or H out of the query.
 * Throws an HttpProblem (400), also when the text is too long for a code of that correction.
 */
export function readQrOptions(text, { size = '320', correction = 'M' }) {
  const width = Number(size)
  if (!Number.isInteger(width) || width < 64 || width > 2048) {
    throw new HttpProblem(400, 'size is a whole number of pixels from 64 to 2048.')
  }
  const capacityBytes = CAPACITY_BYTES.get(correction)
  if (capacityBytes === undefined) {
    throw new HttpProblem(400, `correction is one of ${[...CAPACITY_BYTES.keys()].join(', ')}.`)
  }
  if (Buffer.byteLength(text) > capacityBytes) {
    throw new HttpProblem(400, `A QR code with correction ${correction} holds at most ${capacityBytes} bytes.`)
  }
  return { width, errorCorrectionLevel: correction, margin: 2 }
}

/** A wireless network out of a JSON body: `ssid`, `password`, `security`, `hidden`. Throws an HttpProblem (400). */
export function readWifi(body) {
  const { ssid, password = '', security = 'WPA', hidden = false } = body ?? {}
  if (typeof ssid !== 'string' || ssid === '') throw new HttpProblem(400, 'The body needs an ssid.')
  if (!WIFI_SECURITY.includes(security)) {
    throw new HttpProblem(400, `security is one of ${WIFI_SECURITY.join(', ')}.`)
  }
  if (typeof password !== 'string' || (security !== 'nopass' && password === '')) {
    throw new HttpProblem(400, `A network with ${security} needs a password.`)
  }
  return { ssid, password, security, hidden: hidden === true }
}

/** What telephones read as "join this network"; the five characters with a meaning of their own are escaped. */
export function wifiText({ ssid, password, security, hidden }) {
  const escaped = (value) => value.replace(/[\\;,":]/g, '\\$&')
  const secret = security === 'nopass' ? '' : `P:${escaped(password)};`
  return `WIFI:T:${security};S:${escaped(ssid)};${secret}${hidden ? 'H:true;' : ''};`
}
