import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'
import { CONNECTION } from './pool.ts'

export type { PrismaClient }

/** Prisma's client for the control plane's tables. Connects on first use. */
export function createPrismaClient(connectionString: string, onLost: (error: Error) => void): PrismaClient {
  const adapter = new PrismaPg(
    {
      connectionString,
      max: 10,
      application_name: 'lambdaql prisma',
      ...CONNECTION,
    },
    { onPoolError: onLost, onConnectionError: onLost },
  )
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}
