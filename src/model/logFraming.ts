import { versionName } from './version.ts'

/** The platform's own log lines, letter by letter as AWS writes them (recorded facts 90, 91). Without line ends. */

/** First line of an attempt. */
export function startLine(requestId: string, versionNumber: number): string {
  return `START RequestId: ${requestId} Version: ${versionName(versionNumber)}`
}

/** Last line but one of an attempt. */
export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`
}

/** What an attempt used. */
export interface AttemptReport {
  readonly requestId: string
  readonly durationUs: number
  readonly billedMs: number
  readonly memoryMiB: number
  readonly maxMemoryMiB: number
  /** Null on a warm start. */
  readonly initDurationUs: number | null
}

/** Last line of an attempt. */
export function reportLine(report: AttemptReport): string {
  const columns = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${formatMs(report.durationUs)} ms`,
    `Billed Duration: ${report.billedMs} ms`,
    `Memory Size: ${report.memoryMiB} MB`,
    `Max Memory Used: ${report.maxMemoryMiB} MB`,
  ]
  if (report.initDurationUs !== null) columns.push(`Init Duration: ${formatMs(report.initDurationUs)} ms`)
  return `${columns.join('\t')}\t`
}

function formatMs(us: number): string {
  return (us / 1000).toFixed(2)
}

/** AWS's LogResult: the lines of an attempt joined, cut to their last 4 KB. */
export function logTail(lines: readonly string[]): string {
  const TAIL_BYTES = 4096
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8')
  if (bytes.length <= TAIL_BYTES) return bytes.toString('utf8')
  let begin = bytes.length - TAIL_BYTES
  // A UTF-8 continuation byte is not a beginning.
  while (begin < bytes.length && (bytes[begin]! & 0xc0) === 0x80) begin += 1
  return bytes.toString('utf8', begin)
}
