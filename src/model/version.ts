/** The number that stands for `$LATEST` in tables and records; published versions count from 1. */
export const LATEST_NUMBER = 0

/** AWS's name of a version number: `$LATEST` for 0, else the digits. */
export function versionName(number: number): string {
  return number === LATEST_NUMBER ? '$LATEST' : String(number)
}
