import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openArchive } from './archive.ts'

/** What is known of an archive after every byte of it was checked. */
export interface InspectedArchive {
  readonly unzippedSizeBytes: number
}

/**
 * Checks a zip file completely: its list, and each entry's content, which is unpacked to nowhere. Throws a UserFault
 * with AWS's words. Holds a few chunks of one entry in memory at a time.
 */
export async function inspectArchive(path: string): Promise<InspectedArchive> {
  await using archive = await openArchive(path)
  for (const entry of archive.entries) {
    if (entry.kind === 'FILE') await pipeline(await archive.read(entry), nowhere())
  }
  return { unzippedSizeBytes: archive.unzippedSizeBytes }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
