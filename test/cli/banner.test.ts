import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { startBanner, TOUR, tourCommands } from '../../src/cli/banner.ts'

const schema = buildSchema(readFileSync(join(import.meta.dirname, '..', '..', 'schema.graphql'), 'utf8'))

describe('what a start prints', () => {
  test.each(TOUR)('has commands that the schema accepts: %s', (operation) => {
    expect(validate(schema, parse(operation))).toEqual([])
  })

  test('has commands that a shell passes on unchanged', () => {
    for (const [at, command] of tourCommands('http://127.0.0.1:4000', 'secret').entries()) {
      const printed = execFileSync('/bin/sh', ['-c', command.replace('curl', 'printf "%s\\n"')], { encoding: 'utf8' })
      expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toEqual({ query: TOUR[at] })
      expect(printed).toContain('authorization: Bearer secret')
    }
  })

  test('links to the playground with the access token', () => {
    expect(startBanner('http://127.0.0.1:4000', 'a b', '/data')).toContain('http://127.0.0.1:4000/?token=a%20b')
  })

  test('says how to get a token where none is kept', () => {
    expect(startBanner('http://127.0.0.1:4000', null, '/data')).toContain('npm run token')
  })
})
