import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { pacedConnect } from '../../../src/environments/telemetry/pacedConnect.ts'
import { drivenClock } from '../../kit/drivenClock.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

it('ten connections are made at once, one after the other, and then one a second, whether they succeed or not', async () => {
  const clock = drivenClock()
  const ports: number[] = []
  let atATime = 0
  let mostAtATime = 0
  const connect = pacedConnect(async (port) => {
    ports.push(port)
    atATime += 1
    mostAtATime = Math.max(mostAtATime, atATime)
    await settled()
    atATime -= 1
    if (port % 2 === 0) throw new Error('nobody listens')
    return {} as Socket
  }, clock)
  const all = Array.from({ length: 14 }, (_, port) => connect(port).catch((error: Error) => error.message))
  for (let turn = 0; turn < 30; turn += 1) await settled()
  expect(ports).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(mostAtATime).toBe(1)
  for (let second = 1; second <= 4; second += 1) {
    await clock.advance(1_000)
    for (let turn = 0; turn < 5; turn += 1) await settled()
    expect(ports).toHaveLength(10 + second)
  }
  expect((await Promise.all(all)).slice(0, 3)).toEqual(['nobody listens', {}, 'nobody listens'])
})
