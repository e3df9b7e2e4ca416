import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TelemetryDestination } from '../../../src/environments/telemetry/telemetryDestination.ts'
import { type DroppedTelemetry, TelemetrySubscriber } from '../../../src/environments/telemetry/telemetrySubscriber.ts'

const BUFFERING = { maxItems: 3, maxBytes: 100, timeoutMs: 1_000 }

/** A destination that takes a batch when it is told to. */
function slowDestination() {
  const sent: (readonly string[])[] = []
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const destination: TelemetryDestination = {
    send(events) {
      sent.push(events)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    close: () => undefined,
  }
  return {
    ...{ sent, destination },
    take: async () => {
      waiting.shift()?.resolve()
      await vi.advanceTimersByTimeAsync(0)
    },
    refuse: async (reason: string) => {
      waiting.shift()?.reject(new Error(reason))
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

let slow: ReturnType<typeof slowDestination>
let dropped: DroppedTelemetry[]
let subscriber: TelemetrySubscriber
beforeEach(() => {
  vi.useFakeTimers()
  slow = slowDestination()
  dropped = []
  subscriber = new TelemetrySubscriber(slow.destination, BUFFERING, (events) => dropped.push(events))
})
afterEach(() => {
  subscriber.close()
  vi.useRealTimers()
})
const add = (...events: string[]) => {
  for (const event of events) subscriber.add(event)
}

describe('events for a subscriber are sent', () => {
  it('when the first of them has waited for the time', async () => {
    add('1')
    await vi.advanceTimersByTimeAsync(999)
    add('2')
    expect(slow.sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(slow.sent).toEqual([['1', '2']])
  })

  it('when there are enough of them, or enough bytes', async () => {
    add('1', '2', '3')
    expect(slow.sent).toEqual([['1', '2', '3']])
    await slow.take()
    add('x'.repeat(100))
    expect(slow.sent).toHaveLength(2)
  })

  it('when they are asked for: those on their way, and then the rest', async () => {
    add('1', '2', '3', '4')
    let isFlushed = false
    const flushed = subscriber.flush().then(() => {
      isFlushed = true
    })
    await slow.take()
    expect(slow.sent).toEqual([['1', '2', '3'], ['4']])
    expect(isFlushed).toBe(false)
    await slow.take()
    await flushed
  })

  it('behind those before them, however long that takes', async () => {
    add('1', '2', '3', '4')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(slow.sent).toEqual([['1', '2', '3']])
    await slow.take()
    expect(slow.sent).toEqual([['1', '2', '3'], ['4']])
  })

  it('not while nobody runs who could take them, and at once when somebody does', async () => {
    subscriber.pause()
    add('1')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(slow.sent).toEqual([])
    subscriber.resume()
    expect(slow.sent).toEqual([['1']])
  })
})

describe('events for a subscriber are dropped, and counted', () => {
  it('when a batch is full before the one ahead of it was taken', async () => {
    add('1', '2', '3', '4', '5', '6')
    expect(dropped).toEqual([{ droppedRecords: 3, droppedBytes: 3, reason: expect.stringMatching(/slower/) }])
    await slow.take()
    add('7', '8', '9')
    expect(slow.sent).toEqual([
      ['1', '2', '3'],
      ['7', '8', '9'],
    ])
  })

  it('when they could not be sent', async () => {
    add('1', '2', '3')
    await slow.refuse('connection refused')
    const reason = 'could not send events: connection refused'
    expect(dropped).toEqual([{ droppedRecords: 3, droppedBytes: 3, reason }])
  })
})
