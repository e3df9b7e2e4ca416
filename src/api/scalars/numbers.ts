import { numberTextScalar } from './numberText.ts'

const WHOLE = /^-?(0|[1-9]\d{0,18})$/
const DECIMAL = /^-?(0|[1-9]\d{0,37})(\.\d{1,38})?$/

/** `BigInt`: a whole number of up to 64 bits, with sign. */
export const bigInt = numberTextScalar(
  'BigInt',
  (text) => WHOLE.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text),
  '9007199254740993',
)

/** `Decimal`: an exact decimal number, without an exponent. */
export const decimal = numberTextScalar('Decimal', (text) => DECIMAL.test(text), '0.0000002083')
