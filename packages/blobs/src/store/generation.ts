/**
 * The generation of a hub's folder of blobs: a random name beside them, in a file of its own. A folder that goes back to an earlier state has another one, since no copy takes it along; devices that hear it ask
 * again for what they took (SPEC.md, BL-80).
 */
import { randomUUID } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { onlyMissing, syncFolder, UNFINISHED, writeSynced } from './durable-file.ts'

const FILE = 'generation'
const NAME = /^[0-9a-f-]{36}$/

/** Made, durably, where there is none or what is there is no name. After `folderBlobs`, by the same process. */
export async function folderGeneration(folder: string): Promise<string> {
  const file = join(folder, FILE)
  const present = (await readFile(file, 'utf8').catch(onlyMissing))?.trim() ?? ''
  if (NAME.test(present)) return present
  const made = randomUUID()
  // Whole when it has its name: a device is told of none that the next process would not tell.
  const unfinished = join(folder, UNFINISHED, made)
  await writeSynced(unfinished, new TextEncoder().encode(`${made}\n`))
  await rename(unfinished, file)
  await syncFolder(folder)
  return made
}
