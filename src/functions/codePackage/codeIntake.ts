import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Pool } from 'pg'
import type { PrismaClient } from '../../db/prismaClient.ts'
import { UserFault } from '../../errors.ts'
import { ZIP_IN_REQUEST_BYTES, ZIP_UPLOADED_BYTES } from '../../model/functionLimits.ts'
import type { Scope } from '../../model/records.ts'
import type { CodeSource } from '../requests.ts'
import type { UploadedCodePackage } from '../services.ts'
import { zippedTooLarge } from './archiveFault.ts'
import { storeBlob } from './blobStorage.ts'
import { inspectArchive } from './inspectArchive.ts'
import { receiveArchive } from './receiveArchive.ts'
import { zipFiles } from './zipFiles.ts'

/** Code that is stored and may be used for a function of the account that brought it. */
export interface StoredCode {
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly unzippedSizeBytes: number
}

/** Takes code in from callers. */
export interface CodeIntake {
  /** Removes what uploads that were killed left behind. Call once, before the first upload. */
  open(): Promise<void>
  /** Checks the code of a request and, unless it is only to be checked, stores it. Throws a UserFault with AWS's words. */
  take(scope: Scope, source: CodeSource, onlyCheck: boolean): Promise<StoredCode>
  /** Checks and stores an archive of up to 250 MiB and records that the account may use it. */
  upload(scope: Scope, archive: Readable): Promise<UploadedCodePackage>
}

/** What taking code in needs. */
export interface CodeIntakeOptions {
  readonly prisma: PrismaClient
  readonly pool: Pool
  readonly dataFolder: string
}

// Base64 has four characters for three bytes.
const BASE64_CHARACTERS = Math.ceil(ZIP_IN_REQUEST_BYTES / 3) * 4

/** Takes code in through files in the data folder, so that memory does not grow with the archives. */
export function createCodeIntake({ prisma, pool, dataFolder }: CodeIntakeOptions): CodeIntake {
  const folder = join(dataFolder, 'uploads')

  async function takeArchive(archive: Readable, limitBytes: number, onlyCheck: boolean): Promise<StoredCode> {
    await using received = await receiveArchive(archive, folder, limitBytes)
    const { unzippedSizeBytes } = await inspectArchive(received.path)
    if (!onlyCheck) await storeBlob(pool, received, unzippedSizeBytes)
    return { sha256: received.sha256, sizeBytes: received.sizeBytes, unzippedSizeBytes }
  }

  async function findPackage({ accountId }: Scope, id: string): Promise<StoredCode> {
    const found = await prisma.codePackage.findFirst({ where: { id, accountId }, include: { blob: true } })
    if (found === null) throw packageNotFound()
    const { sizeBytes, unzippedSizeBytes } = found.blob
    return { sha256: Buffer.from(found.sha256).toString('hex'), sizeBytes, unzippedSizeBytes }
  }

  return {
    open: () => rm(folder, { recursive: true, force: true }),
    async take(scope, source, onlyCheck) {
      switch (source.kind) {
        case 'ZIP':
          return takeArchive(decoded(source.base64), ZIP_IN_REQUEST_BYTES, onlyCheck)
        case 'FILES':
          return takeArchive(zipFiles(source.files), ZIP_IN_REQUEST_BYTES, onlyCheck)
        case 'PACKAGE':
          return findPackage(scope, source.codePackageId)
      }
    },
    async upload({ accountId }, archive) {
      const { sha256, sizeBytes } = await takeArchive(archive, ZIP_UPLOADED_BYTES, false)
      const id = randomUUID()
      await prisma.codePackage.create({ data: { id, accountId, sha256: Buffer.from(sha256, 'hex') } })
      return { codePackageId: id, sha256, sizeBytes }
    },
  }
}

/** The fault of a code package that is not there, or not the account's. */
export function packageNotFound(): UserFault {
  const message =
    'Code package not found. Please upload the code with POST /code-packages and use the id of its answer.'
  return new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'code', 'codePackageId'])
}

function decoded(base64: string): Readable {
  // Refused before it is decoded: a text that long need not be held in memory a second time.
  if (base64.length > BASE64_CHARACTERS) throw zippedTooLarge(ZIP_IN_REQUEST_BYTES)
  return Readable.from([Buffer.from(base64, 'base64')], { objectMode: false })
}
