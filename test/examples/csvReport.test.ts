import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import { type ExampleRecord, runExample } from './runExamples.ts'
import { addUp, readOrders, type Sale } from './salesByHand.ts'

const INPUT = new URL('../../examples/csv-report/input/sales-2025.csv', import.meta.url)

interface Report {
  readonly totals: Record<'revenue' | 'returned' | 'first_date' | 'last_date', string> &
    Record<'orders' | 'units', number>
  readonly by_month: readonly { month: string; orders: number; revenue: string }[]
  readonly by_region: readonly { region: string; orders: number; revenue: string; share: number }[]
  readonly by_month_and_region: { months: string[]; regions: string[]; revenue: Record<string, string[]> }
  readonly top_products: readonly { product: string; units: number; revenue: string }[]
  readonly outliers: readonly { order_id: string; quantity: number; revenue: string; score: number }[]
  readonly rejected: readonly { line: number; reason: string }[]
}

let service: TestService
let out: TemporaryFolder
let record: ExampleRecord
let report: Report
let markdown: string
let svg: string
let sales: readonly Sale[]

beforeAll(async () => {
  service = await startTestService()
  out = temporaryFolder()
  record = (await runExample(service, 'csv-report', out.path)).records[0]!
  const [json, ...texts] = await Promise.all(record.files.map((path) => readFile(path, 'utf8')))
  report = JSON.parse(json!)
  ;[markdown, svg] = texts as [string, string]
  sales = readOrders(await readFile(INPUT, 'utf8'))
})

afterAll(async () => {
  out?.[Symbol.dispose]()
  await service?.[Symbol.asyncDispose]()
})

test('the totals are those of all rows that can be read, to the cent', () => {
  expect(report.totals).toEqual({
    orders: sales.length,
    units: sales.reduce((sum, { quantity }) => sum + quantity, 0),
    revenue: addUp(sales),
    returned: addUp(sales.filter(({ quantity }) => quantity < 0)).replace('-', ''),
    first_date: '2025-01-01',
    last_date: '2025-12-31',
  })
})

test('months and regions add up as the table says, alone and crossed', () => {
  const inMonth = (month: string) => (sale: Sale) => sale.date.startsWith(month)
  const inRegion = (region: string) => (sale: Sale) => sale.region === region
  for (const { month, orders, revenue } of report.by_month) {
    const group = sales.filter(inMonth(month))
    expect([month, orders, revenue]).toEqual([month, group.length, addUp(group)])
  }
  for (const { region, orders, revenue } of report.by_region) {
    const group = sales.filter(inRegion(region))
    expect([region, orders, revenue]).toEqual([region, group.length, addUp(group)])
  }
  const { months, regions, revenue } = report.by_month_and_region
  expect([months.length, regions.length]).toEqual([12, 5])
  const crossed = regions.map((region) =>
    months.map((month) => addUp(sales.filter(inRegion(region)).filter(inMonth(month)))),
  )
  expect(regions.map((region) => revenue[region])).toEqual(crossed)
})

test('the top products are the five with the most revenue, the highest first', () => {
  const products = [...new Set(sales.map(({ product }) => product))].map((product) => {
    const group = sales.filter((sale) => sale.product === product)
    return { product, units: group.reduce((sum, { quantity }) => sum + quantity, 0), revenue: addUp(group) }
  })
  products.sort((a, b) => Number(b.revenue) - Number(a.revenue))
  expect(report.top_products.map(({ product, units, revenue }) => ({ product, units, revenue }))).toEqual(
    products.slice(0, 5),
  )
})

test('the rows that cannot be read are named with their line and the column that is to blame', () => {
  expect(report.rejected.map(({ line, reason }) => [line, reason.split(' ')[0]])).toEqual([
    [612, 'region'],
    [1204, 'quantity'],
    [2000, 'order_date'],
    [2751, 'unit_price'],
    [3334, 'discount_percent'],
  ])
})

test('the outliers are orders many times the usual size, the furthest first', () => {
  const scores = report.outliers.map(({ score }) => Math.abs(score))
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  expect(report.outliers.map(({ order_id }) => order_id)).toContain('SO-100017')
  for (const { order_id, quantity } of report.outliers) {
    expect(sales.find(({ orderId }) => orderId === order_id)?.quantity).toBe(quantity)
    expect(quantity).toBeGreaterThanOrEqual(25)
  }
})

test('the Markdown has a line for each month and the total of the year', () => {
  for (const { month } of report.by_month)
    expect(markdown).toMatch(new RegExp(`^\\| ${month} \\|( [\\d,]+ \\|){6}$`, 'm'))
  const year = Number(report.totals.revenue).toLocaleString('en-US', { minimumFractionDigits: 2 })
  expect(markdown).toContain(`**${year} EUR**`)
})

test('the columns of the chart are as high as the revenue of their month', () => {
  const heights = new Map<string, number>()
  for (const [, height, month] of svg.matchAll(/height="([\d.]+)" fill="#\w+"><title>[^,]+, (\d{4}-\d{2}): /g)) {
    heights.set(month!, (heights.get(month!) ?? 0) + Number(height))
  }
  expect(heights.size).toBe(12)
  const perEuro = report.by_month.map(({ month, revenue }) => heights.get(month)! / Number(revenue))
  for (const ratio of perEuro) expect(ratio / perEuro[0]!).toBeCloseTo(1, 1)
})

test("the log has the logger's lines with their level, and a warning for each row that was left out", () => {
  expect(record.logTail).toMatch(/^\[INFO\]\t\S+Z\t\S+\tread 4195 orders, rejected 5 rows$/m)
  expect(record.logTail.match(/^\[WARNING\]\t/gm)).toHaveLength(5)
})
