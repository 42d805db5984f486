/**
 * Secrets beside the store: written whole or not at all, readable by their owner alone. A file that others can read is refused rather than
 * repaired: whoever could read it may have.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '@skerry/blobs/node'
import { HubError } from './hub-error.ts'
import { SECRET_BYTES_MAX } from './limits.ts'

const OWNER_ONLY = 0o600
const OTHERS = 0o077

/** The content, or undefined when there is no such file. @throws HubError `secret-exposed`, `secret-unusable` */
export async function readSecret(path: string): Promise<string | undefined> {
  const file = await openIfThere(path)
  if (!file) return undefined
  try {
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      const octal = (mode & 0o777).toString(8)
      throw new HubError(
        'secret-exposed',
        `reading ${path}: mode ${octal} lets others read it; replace the secret if that is not intended, then: chmod 600 ${path}`,
      )
    }
    if (size > SECRET_BYTES_MAX) {
      throw new HubError(
        'secret-unusable',
        `reading ${path}: ${size} bytes, above the limit of ${SECRET_BYTES_MAX}; it is no secret of a hub`,
      )
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/**
 * Makes the file, durable when this resolves. Fails with EEXIST when it is there already: a secret is never overwritten, and of two processes that
 * start at once one wins and the other reads.
 */
export async function writeSecret(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`
  try {
    const file = await open(unfinished, 'wx', OWNER_ONLY)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(unfinished, path)
  } finally {
    await rm(unfinished, { force: true })
  }
  await syncFolder(dirname(path))
}

/** Reads the secret, or makes it by `make` and reads it back. */
export async function secretAt(
  path: string,
  make: () => Promise<string>,
): Promise<{ content: string; made: boolean }> {
  const there = await readSecret(path)
  if (there !== undefined) return { content: there, made: false }
  const made = await make()
    .then((content) => writeSecret(path, content))
    .then(
      () => true,
      (cause) => onlyWhenThere(path, cause),
    )
  return { content: (await readSecret(path)) ?? '', made }
}

function onlyWhenThere(path: string, cause: NodeJS.ErrnoException): false {
  if (cause.code === 'EEXIST') return false
  const hint = cause.code === 'ENOENT' ? 'its directory does not exist; create it' : cause.message
  throw new HubError('secret-unusable', `writing ${path}: ${hint}`, { cause })
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HubError('secret-unusable', `reading ${path}: ${why}`, { cause })
  }
}
