// Bundles the console (GraphiQL with everything it needs) into dist/console: nothing in it comes from elsewhere.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'src/console')
const target = join(root, 'dist/console')
// Built beside its place and moved there as a whole: a build that is interrupted leaves no half of a console, which the
// next start would take for a whole one.
const draft = join(root, `dist/console-${process.pid}`)
const assets = join(draft, 'assets')

const common = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: assets,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: root,
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.ttf': 'file', '.woff2': 'file', '.graphql': 'text' },
  jsx: 'automatic',
}

process.on('exit', () => rmSync(draft, { recursive: true, force: true }))
mkdirSync(assets, { recursive: true })

const workers = await build({
  ...common,
  entryPoints: {
    editor: 'node_modules/monaco-editor/esm/vs/editor/editor.worker.js',
    json: 'node_modules/monaco-editor/esm/vs/language/json/json.worker.js',
    graphql: 'node_modules/monaco-graphql/esm/graphql.worker.js',
  },
})
const fileOf = (name) => basename(outputs(workers).find((path) => basename(path).startsWith(`${name}-`)))
const workerFiles = { editor: `./${fileOf('editor')}`, json: `./${fileOf('json')}`, graphql: `./${fileOf('graphql')}` }

const page = await build({
  ...common,
  entryPoints: { console: join(source, 'main.jsx') },
  define: { ...common.define, WORKERS: JSON.stringify(workerFiles) },
})

const script = outputs(page).find((path) => path.endsWith('.js'))
const styles = outputs(page).filter((path) => path.endsWith('.css'))
const html = readFileSync(join(source, 'index.html'), 'utf8')
  .replace(
    '{{styles}}',
    styles.map((path) => `<link rel="stylesheet" href="/assets/${basename(path)}" />`).join('\n    '),
  )
  .replace('{{scripts}}', `<script type="module" src="/assets/${basename(script)}"></script>`)
writeFileSync(join(draft, 'index.html'), html)

for (const path of [...outputs(workers), ...outputs(page)]) compress(join(root, path))
rmSync(target, { recursive: true, force: true })
renameSync(draft, target)

function outputs(result) {
  return Object.keys(result.metafile.outputs)
}

/** Writes compressed copies that the server sends to whoever takes them. Quick settings: this runs at the first start. */
function compress(path) {
  if (!/\.(js|css)$/.test(path)) return
  const bytes = readFileSync(path)
  const QUICK_BROTLI = 5
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: QUICK_BROTLI } }))
  writeFileSync(`${path}.gz`, gzipSync(bytes))
}
