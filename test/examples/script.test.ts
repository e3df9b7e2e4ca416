import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService } from '../kit/testService.ts'
import { runScript } from './runExamples.ts'

test('--help says what there is to say and needs neither a service nor a token', async () => {
  using folder = temporaryFolder()
  const { exitCode, output } = await runScript(['--help'], folder.path)
  expect(exitCode).toBe(0)
  for (const option of ['--endpoint', '--token', '--only', '--out']) expect(output).toContain(option)
})

test.each([
  { args: ['--what'], says: "Unknown option '--what'" },
  {
    args: ['--token', 'x', '--only', 'nothing'],
    says: 'There is no example nothing; there are express-api, thumbnailer',
  },
  { args: ['--token', 'x', '--endpoint', 'localhost'], says: '--endpoint localhost is no http address' },
])('$args is refused in one clear line', async ({ args, says }) => {
  const { exitCode, output } = await runScript(args)
  expect(exitCode).toBe(1)
  expect(output).toContain(`error: ${says}`)
  expect(output).not.toContain('    at ')
})

test('without a token it says where it looked for one', async () => {
  using folder = temporaryFolder()
  const { exitCode, output } = await runScript([], folder.path)
  expect(exitCode).toBe(1)
  expect(output).toContain(`error: No access token: there is no ${folder.path}/.lambdaql/access-token (ENOENT)`)
})

test('where nothing listens it says so, and how to start it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const { exitCode, output } = await runScript(['--endpoint', `http://127.0.0.1:${port}`, '--token', 'x'])
  expect(exitCode).toBe(1)
  expect(output).toContain(`error: LambdaQL does not answer at http://127.0.0.1:${port} (ECONNREFUSED)`)
})

test('a token that the service refuses is said to be refused', async () => {
  await using service = await startTestService()
  const { exitCode, output } = await runScript(['--endpoint', service.url, '--token', 'of-another-installation'])
  expect(exitCode).toBe(1)
  expect(output).toContain(`error: ${service.url} refuses the access token`)
})
