import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { StartFault } from '../errors.ts'
import { TUN } from './makerCommand.ts'
import type { NetworkPrograms } from './networkMaker.ts'

const FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin']
/** Which package has each, by its name in Debian; others call them the same or nearly so. */
const PACKAGES: Readonly<Record<keyof NetworkPrograms, string>> = {
  nft: 'nftables',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  slirp4netns: 'slirp4netns',
  unshare: 'util-linux',
}

/** The programs that make networks. Throws a StartFault that says what to install where one of them is missing. */
export function findPrograms(folders: readonly string[] = FOLDERS): NetworkPrograms {
  const names = Object.keys(PACKAGES) as (keyof NetworkPrograms)[]
  const found = names.map((name) => [name, folders.map((each) => join(each, name)).find((path) => existsSync(path))])
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name as keyof NetworkPrograms)
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((name) => PACKAGES[name]))].join(' ')
    throw new StartFault(`${missing.join(', ')} not found; install it (apt-get install ${packages})`)
  }
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK)
  } catch {
    const open = `add --device ${TUN}, elsewhere chmod 666 ${TUN}`
    throw new StartFault(`${TUN} is not there or closed to this user; in a container, ${open}`)
  }
  return Object.fromEntries(found) as unknown as NetworkPrograms
}
