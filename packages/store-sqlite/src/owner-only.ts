/**
 * A store holds the private key of its device and the credentials of others, so each of its files is for the owner alone. SQLite makes files as the umask says, mostly readable by everybody; it is
 * handed an empty one instead, and gives `-wal`, `-shm` and journals the mode of the database. Files of older versions are reported and not changed: whoever could read one may have, and a
 * device in the field must go on. Windows has no such modes; there the folder decides.
 */
import { closeSync, openSync, statSync } from 'node:fs'

export const OWNER_ONLY = 0o600
const OTHERS = 0o077

/**
 * An empty file, where there is none. One that is there is not even opened: closing a descriptor of a database or lock would drop its locks in this process.
 * @throws the error of the file system
 */
export function makeOwnerOnly(path: string): void {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** What to tell the operator of a database that others than its owner can read; undefined when all is well. */
export function exposureOf(path: string): string | undefined {
  if (process.platform === 'win32') return undefined
  const exposed = [path, `${path}-wal`].flatMap((file) => {
    const mode = modeOf(file)
    return mode !== undefined && (mode & OTHERS) !== 0 ? [{ file, mode }] : []
  })
  const [first] = exposed
  if (!first) return undefined
  const files = exposed.map(({ file }) => file).join(' ')
  return (
    `open ${path}: mode ${first.mode.toString(8)} of ${first.file} gives others access, and the file holds the private key and the credentials of this node; ` +
    `run: chmod 600 ${files}. If somebody else may have read it, give this node a new key and revoke the old one`
  )
}

function modeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && found.mode & 0o777
}
