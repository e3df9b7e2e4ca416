import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/**
 * Whether a request may be answered under the name that it asked for. A service that listens on this machine only is
 * called by this machine's names: another name in `Host` means that somebody's web site has pointed its own name here
 * (DNS rebinding). A service that listens elsewhere has names that it cannot know.
 */
export function isOwnHost(listenHost: string, headers: IncomingHttpHeaders): boolean {
  if (!isLoopback(listenHost)) return true
  const name = hostname(headers.host)
  return name !== null && (isLoopback(name) || name === listenHost.toLowerCase())
}

/**
 * Whether a request comes from a page of this service, or from no page at all. Other sites' pages can send requests,
 * and open WebSockets, that carry the browser's cookies; browsers say so in `Origin` and `Sec-Fetch-Site`.
 */
export function isOwnOrigin({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none'
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    (isIP(name) === 4 && name.startsWith('127.'))
  )
}

function hostname(host: string | undefined): string | null {
  if (host === undefined || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')
}
