import { v7 } from 'uuid'

/**
 * The id of an invocation that is asked for now. It is a UUIDv7 and has to be one: invocations are listed in the order of
 * their ids, and the time in an id is the day of the history that the invocation is kept in and goes with.
 */
export function newInvocationId(): string {
  return v7()
}
