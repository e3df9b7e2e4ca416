import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type AccessTokens, createAccessTokens } from '../access/tokens.ts'
import type { Config } from '../config.ts'
import { connectDatabase, type Database } from '../db/database.ts'
import { openDataFolder } from '../db/dataFolder.ts'
import { lockHolder } from '../db/folderLock.ts'
import { migrate } from '../db/migrations/migrate.ts'
import { openDatabase } from '../db/openDatabase.ts'
import { clusterUrl } from '../db/postgres/cluster.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { systemClock } from '../model/clock.ts'

/** What the commands for accounts and tokens work on. */
export interface AccessRoom {
  readonly access: AccessTokens
  readonly prisma: PrismaClient
}

/** Runs `work` on the service's database, whether or not the service runs, and leaves everything as it was. */
export async function withAccessRoom<Result>(
  config: Config,
  work: (room: AccessRoom) => Promise<Result>,
): Promise<Result> {
  if (config.databaseUrl !== null) {
    await migrate(config.databaseUrl)
    return workOn(connectDatabase(config.databaseUrl, randomUUID(), ignore), config, work)
  }
  if (lockHolder(join(config.dataFolder, 'lock')) !== null) {
    return workOn(connectDatabase(clusterUrl(config.dataFolder), randomUUID(), ignore), config, work)
  }
  using dataFolder = openDataFolder(config.dataFolder)
  const database = await openDatabase({ dataFolder, databaseUrl: null, progress: tell, report: tell })
  return await workOn(database, config, work)
}

async function workOn<Result>(
  database: Database,
  { region }: Config,
  work: (room: AccessRoom) => Promise<Result>,
): Promise<Result> {
  try {
    const { prisma } = database
    return await work({ prisma, access: createAccessTokens({ prisma, clock: systemClock(), region }) })
  } finally {
    await database.stop()
  }
}

function tell(sentence: string): void {
  process.stderr.write(`lambdaql: ${sentence}\n`)
}

/** Nobody needs to hear of connections that are lost: the statement that needs one fails. */
function ignore(): undefined {}
