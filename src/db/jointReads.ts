import { withResolvers } from '../model/withResolvers.ts'

/** Reads that are asked for together, and the same ones only once. */
export interface JointReads<Question, Answer> {
  /** Answers by a read that began after the question was asked. Rejects where that read fails. */
  ask(question: Question): Promise<Answer>
}

export interface JointReadsOptions<Question, Answer> {
  /** Questions with the same key are one. */
  readonly keyOf: (question: Question) => string
  /** Answers in the order of the questions. */
  readonly read: (questions: readonly Question[]) => Promise<readonly Answer[]>
  /** Most questions of one read. */
  readonly largest: number
}

interface Waiting<Question, Answer> {
  readonly question: Question
  readonly answer: Promise<Answer>
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * While one read is on its way the next questions gather, so a read answers more of them the more there are, and a lone
 * one waits for nobody. Nothing is remembered: who asks after something has changed is told of it.
 */
export function createJointReads<Question, Answer>(
  options: JointReadsOptions<Question, Answer>,
): JointReads<Question, Answer> {
  const { keyOf, read, largest } = options
  const waiting = new Map<string, Waiting<Question, Answer>>()
  let isReading = false

  async function readAll(): Promise<void> {
    // A turn of the event loop lets everything that was asked together go into the first read.
    await new Promise(setImmediate)
    while (waiting.size > 0) await readSome()
    // In the same turn as the last look, so that no question can come in between and find reading that is over.
    isReading = false
  }

  async function readSome(): Promise<void> {
    const batch = [...waiting].slice(0, largest)
    for (const [key] of batch) waiting.delete(key)
    try {
      const answers = await read(batch.map(([, { question }]) => question))
      for (const [index, [, { resolve }]] of batch.entries()) resolve(answers[index]!)
    } catch (error) {
      for (const [, { reject }] of batch) reject(error)
    }
  }

  return {
    ask(question) {
      const key = keyOf(question)
      const present = waiting.get(key)
      if (present !== undefined) return present.answer
      const { promise: answer, resolve, reject } = withResolvers<Answer>()
      waiting.set(key, { question, answer, resolve, reject })
      if (!isReading) {
        isReading = true
        void readAll()
      }
      return answer
    },
  }
}
