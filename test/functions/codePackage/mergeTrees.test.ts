import { describe, expect, it } from 'vitest'
import type { TreeEntry } from '../../../src/functions/codePackage/archiveTree.ts'
import { mergeTrees } from '../../../src/functions/codePackage/mergeTrees.ts'

/** `a/` is a folder, `a@` a link, all else a file. */
const tree = (...paths: string[]): TreeEntry[] =>
  paths.map((text) => ({
    path: text.replace(/[/@]$/, ''),
    kind: text.endsWith('/') ? 'FOLDER' : text.endsWith('@') ? 'LINK' : 'FILE',
  }))
const merged = (...trees: TreeEntry[][]) =>
  mergeTrees(trees)
    .map(({ path, kind, source }) => `${path}${kind === 'FOLDER' ? '/' : kind === 'LINK' ? '@' : ''} ${source}`)
    .sort()

describe('trees that are laid over each other', () => {
  it('are joined by folder, and of two files the later one counts', () => {
    expect(merged(tree('bin/', 'bin/a', 'bin/b'), tree('bin/', 'bin/b', 'bin/c', 'lib/', 'lib/x'))).toEqual([
      'bin/ 0',
      'bin/a 0',
      'bin/b 1',
      'bin/c 1',
      'lib/ 1',
      'lib/x 1',
    ])
  })

  it('have nothing below a later file or link, whatever was there', () => {
    expect(merged(tree('a/', 'a/b/', 'a/b/c', 'ab'), tree('a@'))).toEqual(['a@ 1', 'ab 0'])
    expect(merged(tree('a/', 'a/b/', 'a/b/c'), tree('a/', 'a/b'))).toEqual(['a/ 0', 'a/b 1'])
  })

  it('have a later folder in place of an earlier file or link, which nothing is written through', () => {
    expect(merged(tree('a@'), tree('a/', 'a/b'))).toEqual(['a/ 1', 'a/b 1'])
    expect(merged(tree('a/', 'a/x'), tree('a@'), tree('a/', 'a/b'))).toEqual(['a/ 2', 'a/b 2'])
  })

  it('name folders before what is in them, in whatever order they came', () => {
    const order = mergeTrees([tree('a/b/c', 'a/b/', 'a/')]).map(({ path }) => path)
    expect(order).toEqual(['a', 'a/b', 'a/b/c'])
  })
})
