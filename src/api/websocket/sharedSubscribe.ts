import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  print,
  type SelectionNode,
} from 'graphql'

/** Begins a subscription: its stream of answers, or the errors that keep it from beginning. */
export type Subscribe = (args: ExecutionArgs) => Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>

/** Questions about one event whose answers are kept. */
const MOST_QUESTIONS = 8

/**
 * Subscribes as `subscribe` of GraphQL.js does. But where many follow one stream, as when a whole team has a log open, and
 * ask the same plain fields of its events, each event is answered once for all of them: working an answer out takes longer
 * than sending it. An answer is kept as long as its event is in memory.
 */
export function createSharedSubscribe(): Subscribe {
  const answers = new WeakMap<object, Map<string, ExecutionResult>>()

  function answer(args: ExecutionArgs, question: string | null, event: unknown) {
    const work = () => execute({ ...args, rootValue: event })
    if (question === null || typeof event !== 'object' || event === null) return work()
    const known = answers.get(event) ?? new Map<string, ExecutionResult>()
    const present = known.get(question)
    if (present !== undefined) return present
    const result = work()
    // What had to be waited for was read from elsewhere, and may be another thing for the next one who asks.
    if (result instanceof Promise || result.errors !== undefined || known.size === MOST_QUESTIONS) return result
    answers.set(event, known.set(question, result))
    return result
  }

  return async (args) => {
    const events = await createSourceEventStream(args)
    if (!(Symbol.asyncIterator in events)) return events
    const question = questionOf(args)
    const iterator = events[Symbol.asyncIterator]()
    const shared: AsyncIterableIterator<ExecutionResult> = {
      [Symbol.asyncIterator]: () => shared,
      async next() {
        const { done, value } = await iterator.next()
        if (done === true) return { done, value: undefined }
        return { done: false, value: await answer(args, question, value) }
      },
      async return() {
        await iterator.return?.()
        return { done: true, value: undefined }
      },
    }
    return shared
  }
}

/** What is asked of each event, as a text; null where the answer may depend on more than the event. */
function questionOf({ document, operationName }: ExecutionArgs): string | null {
  const field = getOperationAST(document, operationName)?.selectionSet.selections[0]
  if (field?.kind !== Kind.FIELD || field.selectionSet === undefined || (field.directives ?? []).length > 0) return null
  const { name, alias, selectionSet } = field
  if (!selectionSet.selections.every(isPlain)) return null
  return `${alias?.value ?? name.value}: ${name.value} ${print(selectionSet)}`
}

function isPlain(selection: SelectionNode): boolean {
  return (
    selection.kind === Kind.FIELD &&
    (selection.selectionSet?.selections ?? []).every(isPlain) &&
    (selection.arguments ?? []).length === 0 &&
    (selection.directives ?? []).length === 0
  )
}
