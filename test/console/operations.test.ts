import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'

const schema = buildSchema(readFileSync(join(INSTALLATION_FOLDER, 'schema.graphql'), 'utf8'))
const folder = join(INSTALLATION_FOLDER, 'src/console/operations')

describe('a ready-made operation of the console', () => {
  it.each(readdirSync(folder))('%s is valid against the schema', (file) => {
    expect(validate(schema, parse(readFileSync(join(folder, file), 'utf8')))).toEqual([])
  })

  it.each(readdirSync(folder))('%s has a tab', (file) => {
    const main = readFileSync(join(INSTALLATION_FOLDER, 'src/console/main.jsx'), 'utf8')
    const [, name] = new RegExp(`import (\\w+) from './operations/${file}'`).exec(main) ?? []
    expect(name).toBeDefined()
    expect(main.match(new RegExp(`\\b${name}\\b(?! from)`, 'g'))).not.toBeNull()
  })

  // What the editor shows in a window of 1366 pixels before it cuts a line off.
  const EDITOR_COLUMNS = 54
  it.each(readdirSync(folder))('%s can be read without scrolling sideways', (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    expect(lines.filter((line) => line.length > EDITOR_COLUMNS)).toEqual([])
  })
})
