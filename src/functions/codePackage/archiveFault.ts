import { UserFault } from '../../errors.ts'
import { UNZIPPED_BYTES } from '../../model/functionLimits.ts'

const FIELD = ['input', 'code']

/**
 * The fault of an archive that cannot or may not be unpacked, in AWS's words (recorded facts, no. 24). Where a rule of
 * ours refuses what is otherwise a sound archive, `reason` says which one behind them.
 */
export function unreadableArchive(reason: string | null = null): UserFault {
  const message = 'Could not unzip uploaded file. Please check your file, then try to upload again.'
  return new UserFault('INVALID_PARAMETER_VALUE', reason === null ? message : `${message} (${reason})`, FIELD)
}

/** The fault of an archive without entries, in AWS's words. */
export function emptyArchive(): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', 'Uploaded file must be a non-empty zip', FIELD)
}

/** The fault of an archive that holds too much. Source: recorded facts, no. 25. */
export function unzippedTooLarge(): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', `Unzipped size must be smaller than ${UNZIPPED_BYTES} bytes`, FIELD)
}

/** The fault of an archive that is itself too large. Source: recorded facts, no. 26. */
export function zippedTooLarge(limitBytes: number): UserFault {
  return new UserFault('REQUEST_TOO_LARGE', `Zipped size must be smaller than ${limitBytes} bytes`, FIELD)
}

/**
 * What became of an archive while it was read: faults of the machine (they name a system call) pass as they are, all
 * others mean that the bytes are no sound archive.
 */
export function archiveFault(cause: unknown): unknown {
  if (cause instanceof UserFault) return cause
  return cause instanceof Error && 'syscall' in cause ? cause : unreadableArchive()
}
