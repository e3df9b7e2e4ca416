import { expect, it } from 'vitest'
import { createUnpackAhead } from '../../../src/functions/codePackage/unpackAhead.ts'

function store() {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const folderOf = (sha256: string) => {
    begun.push(sha256)
    return new Promise<string>((resolve, reject) => {
      ends.set(sha256, (error) => (error === undefined ? resolve(sha256) : reject(error)))
    })
  }
  const end = async (sha256: string, error?: Error) => {
    ends.get(sha256)!(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { folderOf, begun, end }
}

it('packages are unpacked one after the other, also behind one that cannot be', async () => {
  const { folderOf, begun, end } = store()
  const ahead = createUnpackAhead({ folderOf })
  for (const each of ['a', 'b', 'c']) ahead.add(each)
  expect(begun).toEqual(['a'])
  await end('a', new Error('lost'))
  expect(begun).toEqual(['a', 'b'])
  await end('b')
  await end('c')
  ahead.add('d')
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
})

it('stopping waits for the one that is being unpacked, and begins no other', async () => {
  const { folderOf, begun, end } = store()
  const ahead = createUnpackAhead({ folderOf })
  for (const each of ['a', 'b']) ahead.add(each)
  let isStopped = false
  const stopped = ahead.stop().then(() => {
    isStopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isStopped).toBe(false)
  await end('a')
  await stopped
  ahead.add('c')
  expect(begun).toEqual(['a'])
})

it('more than 64 do not wait: who needs one of the others unpacks it', () => {
  const { folderOf } = store()
  const ahead = createUnpackAhead({ folderOf })
  for (let n = 0; n < 1_000; n += 1) ahead.add(String(n))
  expect(ahead.waiting).toBe(64)
})
