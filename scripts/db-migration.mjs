// npm run db:migration NAME: writes the change of prisma/schema.prisma since the last migration into a new one.
// Bundled here and not taken from dist: after a change of the schema the code often does not compile yet.
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, '.cache', 'dbMigration.mjs')
await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/dbMigration.ts'],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'error',
})
await import(pathToFileURL(bundle).href)
