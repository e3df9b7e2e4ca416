import { v7 as uuid } from 'uuid'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type {
  AccessTokenRecord,
  AccessTokenRoleName,
  AccountRecord,
  Page,
  PageRequest,
  Principal,
} from '../model/records.ts'
import { createAccount, findAccount, refuseMalformedName } from './accounts.ts'
import { bootstrap, type FirstAccess } from './bootstrap.ts'
import { refuseMalformedRegion } from './region.ts'
import { hashSecret, isSecret, newSecret } from './secret.ts'
import { createTokenCache } from './tokenCache.ts'

/** What a new token may do, and for how long. */
export interface CreateTokenRequest {
  readonly name: string
  readonly role: AccessTokenRoleName
  /** Null: it does not end by itself. */
  readonly expiresInSeconds: number | null
}

/** A new token with its secret, which nobody can read again. */
export interface CreatedToken {
  readonly accessToken: AccessTokenRecord
  readonly secret: string
}

/** Accounts and the tokens that prove who acts for them. */
export interface AccessTokens {
  /** The first account and its admin token where there is no account yet, else null. */
  bootstrap(): Promise<FirstAccess | null>
  /**
   * Who has this secret, in a region (null: the installation's own). Null for a secret that nobody has, or whose token
   * is revoked or ended. A revocation holds at once on this node and within five seconds on others. Throws a UserFault
   * for a malformed region.
   */
  authenticate(secret: string, region: string | null): Promise<Principal | null>
  /** Throws a UserFault for a name or a life that is out of range, and for an unknown account. */
  create(accountId: string, request: CreateTokenRequest): Promise<CreatedToken>
  /** Revokes a token of the account; again is no fault. Throws a UserFault where there is none. */
  revoke(accountId: string, tokenId: string): Promise<AccessTokenRecord>
  /** Newest first, with those that are revoked; the key is the last id before the page. */
  list(accountId: string, page: PageRequest<string>): Promise<Page<AccessTokenRecord>>
  /** The account's tokens by their ids, in the same order; null where there is none. */
  byIds(accountId: string, ids: readonly string[]): Promise<(AccessTokenRecord | null)[]>
  account(accountId: string): Promise<AccountRecord | null>
  /** Throws a UserFault for a name of nothing or of more than 128 characters. */
  createAccount(name: string): Promise<AccountRecord>
  /** Calls `listener` with the id of each token that this node revokes, until it is disposed of. */
  onRevoked(listener: (tokenId: string) => void): Disposable
}

const LONGEST_LIFE_SECONDS = 10 * 365 * 86_400

export function createAccessTokens(parts: {
  readonly prisma: PrismaClient
  readonly clock: Clock
  /** Of requests that name none. */
  readonly region: string
}): AccessTokens {
  const { prisma, clock, region: ownRegion } = parts
  const now = () => new Date(clock.now())
  const cache = createTokenCache(clock)
  const listeners = new Set<(tokenId: string) => void>()

  return {
    bootstrap: () => bootstrap(prisma, ownRegion, now()),

    async authenticate(secret, region) {
      if (region !== null) refuseMalformedRegion(region)
      if (!isSecret(secret)) return null
      const secretHash = hashSecret(secret)
      const token = await cache.get(secretHash.toString('base64'), () =>
        prisma.accessToken.findUnique({ where: { secretHash }, select: WITHOUT_SECRET }),
      )
      if (token === null || token.revokedAt !== null) return null
      if (token.expiresAt !== null && token.expiresAt.getTime() <= clock.now()) return null
      return { accountId: token.accountId, region: region ?? ownRegion, tokenId: token.id, role: token.role }
    },

    async create(accountId, { name, role, expiresInSeconds }) {
      refuseMalformedName(name, ['input', 'name'])
      refuseMalformedLife(expiresInSeconds)
      if ((await findAccount(prisma, accountId)) === null)
        throw new UserFault('RESOURCE_NOT_FOUND', `Account not found: ${accountId}`)
      const secret = newSecret()
      const createdAt = now()
      const expiresAt = expiresInSeconds === null ? null : new Date(createdAt.getTime() + expiresInSeconds * 1_000)
      const accessToken = await prisma.accessToken.create({
        data: { id: uuid(), accountId, name, role, secretHash: hashSecret(secret), createdAt, expiresAt },
        select: WITHOUT_SECRET,
      })
      return { accessToken, secret }
    },

    async revoke(accountId, tokenId) {
      await prisma.accessToken.updateMany({
        where: { id: tokenId, accountId, revokedAt: null },
        data: { revokedAt: now() },
      })
      const token = await prisma.accessToken.findFirst({ where: { id: tokenId, accountId }, select: WITHOUT_SECRET })
      if (token === null) throw new UserFault('RESOURCE_NOT_FOUND', 'Access token not found.', ['input', 'id'])
      cache.forget(tokenId)
      for (const listener of listeners) listener(tokenId)
      return token
    },

    async list(accountId, { first, after }) {
      const rows = await prisma.accessToken.findMany({
        where: { accountId, ...(after === null ? {} : { id: { lt: after } }) },
        orderBy: { id: 'desc' },
        take: first + 1,
        select: WITHOUT_SECRET,
      })
      return { items: rows.slice(0, first), hasNextPage: rows.length > first }
    },

    async byIds(accountId, ids) {
      const rows = await prisma.accessToken.findMany({
        where: { accountId, id: { in: [...ids] } },
        select: WITHOUT_SECRET,
      })
      const found = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => found.get(id) ?? null)
    },

    account: (accountId) => findAccount(prisma, accountId),
    createAccount: (name) => createAccount(prisma, name, ownRegion, now()),

    onRevoked(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => listeners.delete(listener) }
    },
  }
}

const WITHOUT_SECRET = {
  id: true,
  accountId: true,
  name: true,
  role: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
} as const

function refuseMalformedLife(seconds: number | null): void {
  if (seconds === null || (seconds >= 1 && seconds <= LONGEST_LIFE_SECONDS)) return
  const message = `A token lives 1 to ${LONGEST_LIFE_SECONDS} seconds, or without an end.`
  throw new UserFault('VALIDATION', message, ['input', 'expiresInSeconds'])
}
