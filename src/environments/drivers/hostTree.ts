import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { HostTree } from './bubblewrapArguments.ts'

/** What sandboxes take from this host, as it is found now. `rootfs` is the folder with their own files. */
export function readHostTree(rootfs: string): HostTree {
  const topFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].filter((path) => existsSync(path))
  const shared = [
    '/etc/ssl',
    '/etc/pki',
    '/etc/ca-certificates',
    '/etc/ld.so.cache',
    '/etc/alternatives',
    '/etc/localtime',
    // Interpreters whose own files the distribution has put here: theirs in /usr are links.
    ...readdirSync('/etc')
      .filter((name) => /^(java(-\d+-openjdk)?|crypto-policies|mono)$/.test(name))
      .map((name) => join('/etc', name)),
  ]
  return {
    topFolders: topFolders.map((path) => ({
      path,
      linkTarget: lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null,
    })),
    shared: shared.filter((path) => existsSync(path)),
    rootfs,
    listener: join(rootfs, 'var', 'listen.cjs'),
    connector: join(rootfs, 'var', 'connect.cjs'),
  }
}
