import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const folder = import.meta.dirname

export default {
  name: 'csv-report',
  folder,
  function: {
    functionName: 'example-csv-report',
    description: 'A sales report with tables, a chart and outliers: Python and its standard library',
    runtime: 'PYTHON3_11',
    handler: 'handler.handle',
    memoryMiB: 256,
    timeoutSeconds: 30,
    environment: [],
  },
  code: ['handler.py', 'sales.py', 'summary.py', 'markdown_report.py', 'chart.py'],

  async readCases() {
    const csv = await readFile(join(folder, 'input', 'sales-2025.csv'), 'utf8')
    return [{ name: 'sales-2025', event: { csv, top: 5 } }]
  },

  present({ name }, { markdown, svg, ...figures }) {
    const { orders, revenue } = figures.totals
    return {
      summary: `${orders} orders, ${revenue} EUR, ${figures.outliers.length} outliers, ${figures.rejected.length} rows rejected`,
      files: [
        { name: `${name}.json`, content: `${JSON.stringify(figures, null, 2)}\n` },
        { name: `${name}.md`, content: markdown },
        { name: `${name}.svg`, content: svg },
      ],
    }
  },
}
