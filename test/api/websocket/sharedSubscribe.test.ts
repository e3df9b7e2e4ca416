import { makeExecutableSchema } from '@graphql-tools/schema'
import { type ExecutionResult, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSharedSubscribe } from '../../../src/api/websocket/sharedSubscribe.ts'

/** A schema whose events count how often their fields are worked out. */
function countedEvents() {
  let worked = 0
  const events = [{ text: 'one' }, { text: 'two' }]
  const schema = makeExecutableSchema({
    typeDefs: `
      type Event { text: String, size(unit: Int): Int, later: String, parts: [Event] }
      type Subscription { event: Event, other: Event, refused: Event }
      type Query { nothing: Int }`,
    resolvers: {
      Subscription: {
        event: { subscribe: () => follow(events), resolve: (event: unknown) => event },
        other: { subscribe: () => follow(events), resolve: () => ({ text: 'other' }) },
        refused: { subscribe: () => Promise.reject(new Error('nobody may follow it')) },
      },
      Event: {
        text: ({ text }: { text: string }) => {
          worked += 1
          return text
        },
        later: async ({ text }: { text: string }) => {
          worked += 1
          return text
        },
        parts: (event: object) => [event],
        size: (_event: unknown, { unit }: { unit: number }) => {
          worked += 1
          return unit
        },
      },
    },
  })
  return { schema, worked: () => worked }
}

async function* follow(events: readonly object[]) {
  yield* events
}

describe('subscribing', () => {
  const begin = (counted = countedEvents()) => {
    const subscribe = createSharedSubscribe()
    const ask = async (query: string, variableValues = {}) => {
      const answers = await subscribe({ schema: counted.schema, document: parse(query), variableValues })
      if (!(Symbol.asyncIterator in answers)) return answers
      const all: ExecutionResult[] = []
      for await (const answer of answers) all.push(answer)
      return all
    }
    return { ask, worked: counted.worked }
  }
  const BOTH = [{ data: { event: { text: 'one' } } }, { data: { event: { text: 'two' } } }]

  it('works the same question about an event out once, whatever the operation is called', async () => {
    const { ask, worked } = begin()
    expect(await ask('subscription A { event { text } }')).toEqual(BOTH)
    expect(await ask('subscription B { event { text } }')).toEqual(BOTH)
    expect(worked()).toBe(2)
  })

  it('does so for the fields of what is in the event', async () => {
    const { ask, worked } = begin()
    const answers = [
      { data: { event: { parts: [{ text: 'one' }] } } },
      { data: { event: { parts: [{ text: 'two' }] } } },
    ]
    expect(await ask('subscription { event { parts { text } } }')).toEqual(answers)
    expect(await ask('subscription { event { parts { text } } }')).toEqual(answers)
    expect(worked()).toBe(2)
  })

  it('works other questions about it out by themselves', async () => {
    const { ask } = begin()
    await ask('subscription { event { text } }')
    expect(await ask('subscription { event { name: text } }')).toMatchObject([
      { data: { event: { name: 'one' } } },
      { data: { event: { name: 'two' } } },
    ])
    expect(await ask('subscription { mine: event { text } }')).toMatchObject([
      { data: { mine: { text: 'one' } } },
      { data: { mine: { text: 'two' } } },
    ])
    expect(await ask('subscription { other { text } }')).toMatchObject([
      { data: { other: { text: 'other' } } },
      { data: { other: { text: 'other' } } },
    ])
  })

  it.each([
    ['arguments', 'subscription ($unit: Int) { event { size(unit: $unit) } }'],
    ['directives', 'subscription ($is: Boolean = true) { event { text @include(if: $is) } }'],
    ['what has to be waited for', 'subscription { event { later } }'],
    ['arguments of what is in it', 'subscription ($unit: Int) { event { parts { size(unit: $unit) } } }'],
    ['a fragment', 'subscription { event { ...E } } fragment E on Event { text }'],
  ])('never shares an answer that depends on %s', async (_name, query) => {
    const { ask, worked } = begin()
    await ask(query, { unit: 1 })
    const again = await ask(query, { unit: 2 })
    expect(worked()).toBe(4)
    if (query.includes('unit')) expect(JSON.stringify(again)).toContain('"size":2')
  })

  it('answers with the errors that keep it from beginning', async () => {
    expect(await begin().ask('subscription { refused { text } }')).toMatchObject({
      errors: [{ message: 'nobody may follow it' }],
    })
  })
})
