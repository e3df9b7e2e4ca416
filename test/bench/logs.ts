import type { ServiceProcess } from '../kit/serviceProcess.ts'
import type { Bench, Benchmark, Measurement } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { deploy, invokeTimed } from './kit/functions.ts'
import { rates, times } from './kit/lines.ts'
import { type Following, followLog, MessageReader } from './kit/logSubscriber.ts'
import { connectNotifier } from './kit/notifyRoundTrips.ts'
import { percentile } from './kit/percentile.ts'

const SIZES = {
  FULL: { invokes: 10, lines: 50, subscribers: 50, bursts: 5, burst: { SINGLY: 5_000, IN_BATCHES: 20_000 } },
  SMOKE: { invokes: 1, lines: 3, subscribers: 2, bursts: 1, burst: { SINGLY: 50, IN_BATCHES: 50 } },
} as const
const LINE_EVERY_MS = 10
const MOST_MS = 10
const LEAST_LINES_PER_SECOND = 10_000

/** Each line is the time of its writing, by the clock that all processes of a machine share. */
const ticking = (lines: number) => `export const handler = async () => {
  for (let n = 0; n < ${lines}; n += 1) {
    console.log('at ' + process.hrtime.bigint())
    await new Promise((resolve) => setTimeout(resolve, ${LINE_EVERY_MS}))
  }
}`
const bursting = (lines: number) => `export const handler = async () => {
  for (let n = 0; n < ${lines}; n += 1) console.log('line ' + n)
}`

/** From a line that is written in a sandbox to its arrival over a WebSocket. */
export const logs: Benchmark = {
  name: 'logs',
  title: 'log lines, from a sandbox to their subscribers',
  async run(bench) {
    const service = await startBenchService(bench, 'logs')
    try {
      return [
        ...(await measureLatency(bench, service)),
        ...(await measureBursts(bench, service, 'IN_BATCHES')),
        ...(await measureBursts(bench, service, 'SINGLY')),
      ]
    } finally {
      await service.stop()
    }
  },
}

async function measureLatency({ postgres, size }: Bench, service: ServiceProcess): Promise<readonly Measurement[]> {
  const { invokes, lines } = SIZES[size]
  await deploy(service.client, 'ticking', ticking(lines), { timeoutSeconds: 60 })
  await using notifier = await connectNotifier(postgres.url('bench_logs'))
  const notifyMs: number[] = []
  const lineMs: number[] = []
  let received = 0
  let wake: () => void = () => undefined
  using follower = await followLog(service, 'ticking', 'SINGLY', new MessageReader(), (message) => {
    if (!message.startsWith('at ')) return
    lineMs.push(Number(process.hrtime.bigint() - BigInt(message.slice(3))) / 1e6)
    received += 1
    wake()
  })
  for (let invoke = 1; invoke <= invokes; invoke += 1) {
    for (let trip = 0; trip < lines; trip += 1) notifyMs.push(await notifier.roundTrip())
    const arrived = new Promise<void>((resolve) => {
      wake = () => {
        if (received >= invoke * lines) resolve()
      }
    })
    await Promise.all([invokeTimed(service.client, 'ticking'), Promise.race([arrived, follower.failed])])
  }
  const floorMs = percentile(notifyMs, 50)
  return [
    times('PostgreSQL NOTIFY round trip (floor)', notifyMs),
    times('a line, from the sandbox to a subscriber', lineMs, floorMs, {
      words: `at most ${MOST_MS} ms`,
      isMet: percentile(lineMs, 50) <= MOST_MS,
    }),
  ]
}

/** Throws where a subscriber misses a line, or has one twice or too early. */
async function measureBursts(
  { size }: Bench,
  service: ServiceProcess,
  following: Following,
): Promise<readonly Measurement[]> {
  const { subscribers, bursts } = SIZES[size]
  const burst = SIZES[size].burst[following]
  const written: number[] = []
  const received: number[] = []
  for (let round = 0; round < bursts; round += 1) {
    const name = `bursting-${following.toLowerCase().replace('_', '-')}-${round}`
    await deploy(service.client, name, bursting(burst), { timeoutSeconds: 60, memoryMiB: 1769 })
    const reader = new MessageReader()
    const followers = await Promise.all(
      Array.from({ length: subscribers }, () => followBurst(service, name, following, reader, burst)),
    )
    const beganMs = performance.now()
    await Promise.all([
      invokeTimed(service.client, name).then(() => written.push((burst * 1000) / (performance.now() - beganMs))),
      ...followers.map(({ whole }) => whole),
    ])
    received.push((burst * 1000) / (performance.now() - beganMs))
    for (const follower of followers) follower.stop()
  }
  if (following === 'SINGLY') {
    return [rates(`lines received one by one by each of ${subscribers}, none lost`, received, percentile(written, 50))]
  }
  return [
    rates('lines written by one function and durable, cold start included', written),
    rates(`lines received in batches by each of ${subscribers}, none lost`, received, percentile(written, 50), {
      words: `at least ${LEAST_LINES_PER_SECOND.toLocaleString('en')} per second`,
      isMet: percentile(received, 50) >= LEAST_LINES_PER_SECOND,
    }),
    rates(
      'the same, of all of them',
      received.map((rate) => rate * subscribers),
      percentile(written, 50),
    ),
  ]
}

async function followBurst(
  service: ServiceProcess,
  functionName: string,
  following: Following,
  reader: MessageReader,
  lines: number,
) {
  let next = 0
  let finish: () => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const whole = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = reject
  })
  const follower = await followLog(service, functionName, following, reader, (message) => {
    if (!message.startsWith('line ')) return
    if (message !== `line ${next}`) fail(new Error(`a subscriber got ${message} instead of line ${next}`))
    next += 1
    if (next === lines) finish()
  })
  return { whole: Promise.race([whole, follower.failed]), stop: () => follower[Symbol.dispose]() }
}
