import { totalmem } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OPTIONS } from '../../src/cli/options.ts'
import type { Config } from '../../src/config.ts'
import { StartFault } from '../../src/errors.ts'
import { loadConfig } from '../../src/loadConfig.ts'

function configOf(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Config {
  const command = loadConfig(args, environment, '/srv/app')
  if (command.kind !== 'RUN') throw new Error(`it only says: ${command.text}`)
  return command.config
}

function mistakesOf(args: readonly string[], environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    configOf(args, environment)
  } catch (error) {
    if (error instanceof StartFault) return error.message.split('\n')
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('has a default for everything', () => {
    const config = configOf([])
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      dataFolder: '/srv/app/.lambdaql',
      databaseUrl: null,
      region: 'us-east-1',
      driver: 'bubblewrap',
      keepAliveMs: 600_000,
      scaleOutRate: 1_000,
      startRate: 'off',
      openExecutionLimit: 1_000_000,
      drainMs: 30_000,
      retentionMs: 30 * 86_400_000,
      timeScale: 1,
      logLevel: 'info',
    })
    expect(config.memoryBudgetMiB).toBeGreaterThan(0)
    expect(config.memoryBudgetMiB).toBeLessThanOrEqual((totalmem() / 1024 / 1024) * 0.75)
  })

  test('cannot be changed', () => {
    expect(Object.isFrozen(configOf([]))).toBe(true)
  })

  test('takes the command line before the environment, and our own variables before general ones', () => {
    const environment = {
      LAMBDAQL_PORT: '5001',
      LAMBDAQL_HOST: '::1',
      DATABASE_URL: 'postgres://general/a',
      LAMBDAQL_DATABASE_URL: 'postgres://own/a',
      PORT: '80',
    }
    const config = configOf(['--port', '5002'], environment)
    expect([config.port, config.host, config.databaseUrl]).toEqual([5002, '::1', 'postgres://own/a'])
    expect(configOf([], { DATABASE_URL: 'postgres://general/a' }).databaseUrl).toBe('postgres://general/a')
  })

  test('takes an empty variable for one that is not set', () => {
    expect(configOf([], { LAMBDAQL_PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 4000, databaseUrl: null })
  })

  test('reads how fast executions may be started', () => {
    expect(configOf(['--execution-starts', 'aws']).startRate).toBe('aws')
    expect(configOf(['--execution-starts', 'off']).startRate).toBe('off')
    expect(configOf(['--execution-starts', '1300/300']).startRate).toEqual({ tokens: 1_300, refillPerSecond: 300 })
  })

  test('reads durations, sizes and folders', () => {
    const args = [
      '--drain',
      '500ms',
      '--keep-alive=2h',
      '--memory-budget',
      '2GiB',
      '--data-dir',
      'data',
      '--time-scale',
      '60',
    ]
    expect(configOf(args)).toMatchObject({
      drainMs: 500,
      keepAliveMs: 7_200_000,
      memoryBudgetMiB: 2048,
      dataFolder: '/srv/app/data',
      timeScale: 60,
    })
    expect(configOf(['--drain', '1.5', '--memory-budget', '512'])).toMatchObject({
      drainMs: 1500,
      memoryBudgetMiB: 512,
    })
  })
})

describe('mistakes', () => {
  test('are told all at once, one line each, with where they stand', () => {
    expect(mistakesOf(['--port', '65536', '--drvier', 'process', 'start'], { LAMBDAQL_DRAIN: 'soon' })).toEqual([
      'unknown option --drvier (see --help)',
      'unexpected argument process (see --help)',
      'unexpected argument start (see --help)',
      '--port must be a whole number from 0 to 65535, not "65536"',
      'LAMBDAQL_DRAIN must be a duration such as 500ms, 30s, 10m or 1h, not "soon"',
    ])
  })

  test.each([
    ['--port', '-1'],
    ['--port', '80.5'],
    ['--port', ''],
    ['--host', 'a b'],
    ['--region', 'Frankfurt'],
    ['--driver', 'docker'],
    ['--memory-budget', '64'],
    ['--keep-alive', '10 minutes'],
    ['--time-scale', '0'],
    ['--execution-starts', '300'],
    ['--open-executions', '0'],
    ['--execution-starts', '1300/0'],
    ['--log-level', 'verbose'],
    ['--database-url', 'mysql://localhost/a'],
  ])('%s "%s" is one', (option, value) => {
    expect(mistakesOf([`${option}=${value}`])).toEqual([expect.stringMatching(`^${option} must be .+`)])
  })

  test('an option without its value is one', () => {
    expect(mistakesOf(['--port'])).toEqual(['--port needs a value: NUMBER'])
  })

  test('never repeat a connection string, which has a password in it', () => {
    expect(mistakesOf(['--database-url', 'mysql://me:secret@host/a']).join()).not.toContain('secret')
  })
})

describe('--help and --version', () => {
  test('help names every option with its variable, and goes before everything else', () => {
    const command = loadConfig(['--port', 'x', '--version', '--help'], {}, '/')
    expect(command.kind).toBe('SAY')
    const text = command.kind === 'SAY' ? command.text : ''
    for (const { name, variables } of OPTIONS) {
      expect(text).toContain(`--${name} `)
      for (const variable of variables) expect(text).toContain(variable)
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(140)
  })

  test('the version is that of package.json', async () => {
    const { default: manifest } = await import(join(import.meta.dirname, '..', '..', 'package.json'))
    expect(loadConfig(['--version'], {}, '/')).toEqual({ kind: 'SAY', text: manifest.version })
  })
})
