/** The types whose objects have an opaque id. */
export const GLOBAL_TYPES = [
  'Account',
  'AccessToken',
  'Function',
  'FunctionVersion',
  'Alias',
  'Invocation',
  'CodePackage',
] as const

/** A type whose objects have an opaque id. */
export type GlobalType = (typeof GLOBAL_TYPES)[number]

/** What an opaque id stands for. */
export interface GlobalId {
  readonly type: GlobalType
  /** The object's own key: a UUID, for an account its twelve digits. */
  readonly key: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ACCOUNT = /^\d{12}$/

/** The opaque id of an object: `Type:key` in base64url. */
export function globalId(type: GlobalType, key: string): string {
  return Buffer.from(`${type}:${key}`).toString('base64url')
}

/** What an opaque id stands for, or null where it is none of ours. Each object has exactly one id that is read. */
export function readGlobalId(id: string): GlobalId | null {
  const [typeName, key, ...more] = Buffer.from(id, 'base64url').toString().split(':')
  const type = GLOBAL_TYPES.find((name) => name === typeName)
  if (type === undefined || key === undefined || more.length > 0) return null
  if (!(type === 'Account' ? ACCOUNT : UUID).test(key)) return null
  return globalId(type, key) === id ? { type, key } : null
}

/** The key of an object whose type is known, or null where the id is not one of that type. */
export function keyOf(type: GlobalType, id: string): string | null {
  const read = readGlobalId(id)
  return read?.type === type ? read.key : null
}
