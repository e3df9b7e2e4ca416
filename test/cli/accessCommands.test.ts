import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccessTokens } from '../../src/access/tokens.ts'
import { openDataFolder } from '../../src/db/dataFolder.ts'
import { openDatabase } from '../../src/db/openDatabase.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { systemClock } from '../../src/model/clock.ts'
import { startChild } from '../kit/childProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { transpile } from '../kit/transpile.ts'

const scripts = {} as Record<'account' | 'token', string>
const cli = join(INSTALLATION_FOLDER, 'src', 'cli')

describe('the commands for accounts and tokens', () => {
  let folder: TemporaryFolder
  beforeAll(async () => {
    folder = temporaryFolder()
    chmodSync(folder.path, 0o755)
    scripts.account = await transpile(join(cli, 'account.ts'), 'account')
    scripts.token = await transpile(join(cli, 'token.ts'), 'token')
  })
  afterAll(() => folder?.[Symbol.dispose]())

  async function run(script: 'account' | 'token', ...args: string[]) {
    const child = startChild(process.execPath, [scripts[script], '--data-dir', folder.path, ...args])
    return { exitCode: await child.ended, output: child.output().trim() }
  }
  const secretIn = (output: string) => /lql_[\w-]{43}/.exec(output)?.[0] ?? ''

  test('say how they are used', async () => {
    expect(await run('token', '--help')).toEqual({ exitCode: 0, output: expect.stringContaining('--role ROLE') })
    expect(await run('account', '--help')).toEqual({ exitCode: 0, output: expect.stringContaining('create NAME') })
  })

  test('explain in a line what they do not take', async () => {
    expect(await run('token', '--rule', 'ADMIN')).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/^lambdaql: .*--rule.*--help/),
    })
    expect(await run('token', 'delete')).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/Usage: npm run token/),
    })
  })

  test('make accounts and tokens while no service runs, and while one does', async () => {
    expect(await run('token')).toMatchObject({ exitCode: 1, output: expect.stringMatching(/there is no account yet/) })
    const account = await run('account', 'create', 'a team')
    expect(account).toMatchObject({ exitCode: 0, output: expect.stringMatching(/account \d{12}\ntoken {3}lql_/) })
    const accountId = /\d{12}/.exec(account.output)![0]

    using dataFolder = openDataFolder(folder.path)
    const ignore = () => undefined
    const database = await openDatabase({ dataFolder, databaseUrl: null, progress: ignore, report: ignore })
    try {
      const access = createAccessTokens({ prisma: database.prisma, clock: systemClock(), region: 'us-east-1' })
      const first = await access.authenticate(secretIn(account.output), null)
      expect(first).toMatchObject({ accountId, role: 'ADMIN' })
      const token = await run('token', 'create', '--account', accountId, '--role', 'INVOKER', '--name', 'from a script')
      expect(token).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^lql_[\w-]{43}$/) })
      expect(await access.authenticate(token.output, null)).toMatchObject({ accountId, role: 'INVOKER' })
      expect(await run('token', '--role', 'KING')).toMatchObject({
        exitCode: 1,
        output: expect.stringMatching(/ADMIN, INVOKER or OPERATOR, not "KING"/),
      })
      const nobody = await run('token', '--account', '999999999999')
      expect(nobody).toMatchObject({ exitCode: 1, output: 'lambdaql: Account not found: 999999999999' })
    } finally {
      await database.stop()
    }
  })
})
