import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openControlGroups } from '../../../src/environments/drivers/cgroups.ts'
import { startChild } from '../../kit/childProcess.ts'
import { eventually } from '../../kit/eventually.ts'

const groups = openControlGroups()
const isUsable = groups.shortcomings.length === 0

describe.skipIf(!isUsable)(`control groups${isUsable ? '' : ': skipped: this host lets us make none'}`, () => {
  /** The folder of a new group. */
  function newGroup() {
    const group = groups.create()!
    return { group, folder: dirname(group.memberFiles[0]!) }
  }

  it('have the limits that they are given', async () => {
    const { group } = newGroup()
    group.limit({ memoryMiB: 96, processes: 7, cpuShares: 512 })
    const said = group.memberFiles
      .flatMap((file) => ['pids.max', 'memory.limit_in_bytes', 'memory.max'].map((name) => join(dirname(file), name)))
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8').trim())
    expect(said.toSorted()).toEqual(['100663296', '7'])
    await group.end()
  })

  it('of a service that lives are left alone by the start of another, though nobody is in them yet', async () => {
    const { group, folder } = newGroup()
    openControlGroups()
    expect(existsSync(folder)).toBe(true)
    await group.end()
    expect(existsSync(folder)).toBe(false)
  })

  it('that a killed service has left are removed by the next start, whoever has its number by then, with who is in them', async () => {
    const { group, folder } = newGroup()
    const [numbering, , startedAt] = basename(folder).split('-')
    const { pid } = spawnSync('/bin/true')
    const left = [`${numbering}-${pid}-${startedAt}-0`, `${numbering}-${process.pid}-1-0`].map((name) =>
      join(dirname(folder), name),
    )
    for (const path of left) mkdirSync(path)
    const member = startChild('/bin/sh', ['-c', `echo 0 >${left[0]}/cgroup.procs; echo ready; exec sleep 1000`])
    await member.says(/ready/)
    openControlGroups()
    expect(await member.ended).toBe('SIGKILL')
    await eventually(() => expect(left.filter((path) => existsSync(path))).toEqual([]))
    await group.end()
  })

  it('of a service in another container are left alone: nobody here can tell whether it lives', async () => {
    const { group, folder } = newGroup()
    const other = join(dirname(folder), `1-${process.pid}-1-0`)
    mkdirSync(other)
    openControlGroups()
    expect(existsSync(other)).toBe(true)
    rmdirSync(other)
    await group.end()
  })
})
