/** The exact sum of decimal numbers as strings, as a string with as many decimals as the longest of them. */
export function sumDecimals(numbers) {
  const decimals = Math.max(0, ...numbers.map((number) => fractionOf(number).length))
  const sum = numbers.reduce((total, number) => total + scaled(number, decimals), 0n)
  if (decimals === 0) return String(sum)
  const digits = String(sum < 0n ? -sum : sum).padStart(decimals + 1, '0')
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

const fractionOf = (number) => number.split('.')[1] ?? ''

function scaled(number, decimals) {
  return BigInt(number.split('.')[0] + fractionOf(number).padEnd(decimals, '0'))
}
