import { getOperationAST } from 'graphql'

const MOST_EVENTS = 200

/**
 * Makes a GraphiQL fetcher show the events of a subscription as a list, the newest first. GraphiQL itself shows only the
 * latest result, and of a log that is the least interesting line.
 */
export function gatherEvents(fetcher) {
  return async (request, options) => {
    const answer = await fetcher(request, options)
    const operation = options?.documentAST && getOperationAST(options.documentAST, request.operationName)
    return operation?.operation === 'subscription' ? gather(answer) : answer
  }
}

function gather(results) {
  const iterator = results[Symbol.asyncIterator]()
  let events = []
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const { done, value } = await iterator.next()
      if (done || value.errors !== undefined) return { done, value }
      events = [value.data, ...events].slice(0, MOST_EVENTS)
      return { done: false, value: { data: events } }
    },
    return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  }
}
