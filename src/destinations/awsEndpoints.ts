import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import type { Scope } from '../model/records.ts'
import { textFault } from '../model/textRules.ts'
import type { AwsConnection, AwsEndpointRecord } from './contract.ts'
import { endpointFault } from './endpointRules.ts'

/** The GraphQL input `PutAwsEndpointInput`. */
export interface PutAwsEndpointRequest {
  readonly endpointUrl?: string | null | undefined
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | null | undefined
}

/** Where the targets of accounts are. Secrets go in and never come out. */
export interface AwsEndpoints {
  put(scope: Scope, request: PutAwsEndpointRequest): Promise<AwsEndpointRecord>
  /** Succeeds where there is none. */
  delete(scope: Scope): Promise<void>
  read(scope: Scope): Promise<AwsEndpointRecord | null>
  /** With its secrets, for those who call it; null where there is none. */
  connection(scope: Scope): Promise<AwsConnection | null>
}

const LONGEST_CREDENTIAL = 4_096

export function createAwsEndpoints(prisma: PrismaClient, clock: Clock): AwsEndpoints {
  const find = ({ accountId, region }: Scope) =>
    prisma.awsEndpoint.findUnique({ where: { accountId_region: { accountId, region } } })

  return {
    async put({ accountId, region }, request) {
      const endpointUrl = request.endpointUrl || null
      const fault = endpointUrl === null ? null : endpointFault(endpointUrl)
      if (fault !== null) throw fault
      const { accessKeyId, secretAccessKey } = request
      const sessionToken = request.sessionToken || null
      refuseCredential('accessKeyId', accessKeyId)
      refuseCredential('secretAccessKey', secretAccessKey)
      if (sessionToken !== null) refuseCredential('sessionToken', sessionToken)
      const data = { endpointUrl, accessKeyId, secretAccessKey, sessionToken, lastModified: new Date(clock.now()) }
      const row = await prisma.awsEndpoint.upsert({
        where: { accountId_region: { accountId, region } },
        create: { accountId, region, ...data },
        update: data,
      })
      return recordOf(row)
    },
    async delete({ accountId, region }) {
      await prisma.awsEndpoint.deleteMany({ where: { accountId, region } })
    },
    async read(scope) {
      const row = await find(scope)
      return row === null ? null : recordOf(row)
    },
    async connection(scope) {
      const row = await find(scope)
      if (row === null) return null
      const { endpointUrl, accessKeyId, secretAccessKey, sessionToken } = row
      const revision = JSON.stringify([endpointUrl, accessKeyId, secretAccessKey, sessionToken])
      return { endpointUrl, accessKeyId, secretAccessKey, sessionToken, revision }
    },
  }
}

function refuseCredential(field: string, value: string): void {
  const fault = textFault(field, value)
  if (fault !== null) throw fault
  if (value.length > 0 && value.length <= LONGEST_CREDENTIAL) return
  const message = `${field} has ${value.length} characters. Please give 1 to ${LONGEST_CREDENTIAL}.`
  throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input', field])
}

function recordOf(row: {
  readonly accountId: string
  readonly region: string
  readonly endpointUrl: string | null
  readonly accessKeyId: string
  readonly lastModified: Date
}): AwsEndpointRecord {
  const { accountId, region, endpointUrl, accessKeyId, lastModified } = row
  return { scope: { accountId, region }, endpointUrl, accessKeyId, lastModified }
}
