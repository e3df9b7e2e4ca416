const COLUMNS = [
  { title: 'case', cell: (record) => record.case },
  { title: 'status', cell: ({ problem, status }) => (problem === null ? status : `${status} (!)`) },
  {
    title: 'start',
    cell: ({ attempt }) => (attempt.isColdStart ? `cold, ${milliseconds(attempt.initDurationMs)}` : 'warm'),
  },
  { title: 'duration', right: true, cell: ({ attempt }) => milliseconds(attempt.durationMs) },
  { title: 'billed', right: true, cell: ({ attempt }) => `${attempt.billedDurationMs ?? '-'} ms` },
  { title: 'memory', right: true, cell: ({ attempt }) => `${attempt.maxMemoryUsedMiB ?? '-'} MiB` },
  { title: 'cost in $', right: true, cell: ({ attempt }) => attempt.cost ?? '-' },
  { title: 'result', cell: ({ summary }) => summary.split('\n')[0] },
]

/** The records of the runs as a table for a terminal, one line each. */
export function formatRecords(records) {
  const rows = [COLUMNS.map(({ title }) => title), ...records.map((record) => COLUMNS.map(({ cell }) => cell(record)))]
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index].length)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => (COLUMNS[index].right ? cell.padStart(widths[index]) : cell.padEnd(widths[index])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function milliseconds(value) {
  return value === null ? '-' : `${value.toFixed(2)} ms`
}
