/** The object has not the form that ReaderConfig says. The message is the cause that the state's Catch sees. */
export class MalformedItems extends Error {}

/** AWS's bound of a single item, in bytes: nothing longer is gathered in memory. */
export const LARGEST_ITEM_BYTES = 8 * 1024 * 1024

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
