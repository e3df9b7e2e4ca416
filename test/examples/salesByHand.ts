/** One row of the sales table that can be read. */
export interface Sale {
  readonly orderId: string
  readonly date: string
  readonly region: string
  readonly product: string
  readonly quantity: number
  /** What it brought, in cents. */
  readonly cents: bigint
}

/** Reads the table once more, another way than the function does: whole cents, and a parser of its own. */
export function readOrders(csv: string): Sale[] {
  const [header, ...rows] = csv.trimEnd().split('\n').map(readLine)
  const at = (row: readonly string[], column: string) => row[header!.indexOf(column)]!
  return rows.flatMap((row) => {
    const [region, quantity, price, discount, date] = [
      'region',
      'quantity',
      'unit_price',
      'discount_percent',
      'order_date',
    ].map((column) => at(row, column)) as [string, string, string, string, string]
    const isReadable =
      region !== '' &&
      /^-?\d+$/.test(quantity) &&
      /^\d+\.\d\d$/.test(price) &&
      /^(\d|[1-9]\d|100)$/.test(discount) &&
      isDate(date)
    if (!isReadable) return []
    const hundredths = BigInt(quantity) * BigInt(price.replace('.', '')) * (100n - BigInt(discount))
    return [
      {
        orderId: at(row, 'order_id'),
        date,
        region,
        product: at(row, 'product'),
        quantity: Number(quantity),
        cents: roundHalfEven(hundredths),
      },
    ]
  })
}

/** The revenue of sales in euros, with two decimals. */
export function addUp(sales: readonly Sale[]): string {
  const cents = sales.reduce((sum, sale) => sum + sale.cents, 0n)
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function isDate(text: string): boolean {
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  return new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(text)
}

function roundHalfEven(hundredths: bigint): bigint {
  const [sign, size] = hundredths < 0n ? [-1n, -hundredths] : [1n, hundredths]
  const [whole, rest] = [size / 100n, size % 100n]
  const goesUp = rest > 50n || (rest === 50n && whole % 2n === 1n)
  return sign * (goesUp ? whole + 1n : whole)
}

/** The cells of a line; a cell in quotation marks may hold commas, and its own quotation marks twice. */
function readLine(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  )
}
