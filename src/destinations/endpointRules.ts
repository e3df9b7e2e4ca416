import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { UserFault } from '../errors.ts'

/** Addresses that only mean something to this very machine: a cloud's metadata with its credentials is among them. */
const REFUSED = new BlockList()
REFUSED.addSubnet('169.254.0.0', 16)
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('fd00:ec2::254', 'ipv6')

const LONGEST_URL = 2_048

/** Whether an IP address may be no endpoint. */
export function isRefusedAddress(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && REFUSED.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** What is wrong with an endpoint's URL, or null. What its name means is asked anew with each connection. */
export function endpointFault(endpointUrl: string): UserFault | null {
  const fault = (message: string) => new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'endpointUrl'])
  const url = URL.canParse(endpointUrl) ? new URL(endpointUrl) : null
  if (url === null || endpointUrl.length > LONGEST_URL || !['http:', 'https:'].includes(url.protocol)) {
    return fault('The endpoint is no URL. Please give one like http://127.0.0.1:4566, or none for AWS itself.')
  }
  if (url.username !== '' || url.password !== '') {
    return fault('The endpoint carries a user name or password. Please give accessKeyId and secretAccessKey instead.')
  }
  if (isRefusedAddress(url.hostname.replace(/^\[|\]$/g, ''))) return fault(refusal(url.hostname))
  return null
}

/** `dns.lookup` that fails for what may be no endpoint, whatever its name is. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '')
    if (addresses.some(({ address }) => isRefusedAddress(address))) return callback(new Error(refusal(hostname)), '')
    if (options.all) return callback(null, addresses)
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family)
  })
}

/** Why an address may not be called, or null; a name is judged by what it means when it is looked up. */
export function refusedHost(host: string): string | null {
  return isRefusedAddress(host) ? refusal(host) : null
}

function refusal(host: string): string {
  return `${host} is a link-local address, which may be no endpoint. Please give the address of the service itself.`
}
