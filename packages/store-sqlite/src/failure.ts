/** What SQLite and the file system say, in the port's words: which code, and what the operator should do. */
import { type Damage, StoreDamage, StoreError, type StoreErrorCode } from '@skerry/core'
import Database from 'better-sqlite3'

interface Kind {
  code: StoreErrorCode
  advice: string
}

const kinds: [prefix: string, kind: Kind][] = [
  [
    'SQLITE_FULL',
    {
      code: 'full',
      advice: 'the disk or quota is full; free space, commits then succeed again by themselves',
    },
  ],
  // On a full disk SQLite cannot grow its shared-memory file, and says so as an input/output error.
  [
    'SQLITE_IOERR_SHMSIZE',
    { code: 'full', advice: 'the disk is full; free space, commits then succeed again by themselves' },
  ],
  [
    'SQLITE_CORRUPT',
    { code: 'corrupt', advice: 'the file is damaged; keep it, restore a backup or sync again from peers' },
  ],
  [
    'SQLITE_NOTADB',
    { code: 'corrupt', advice: 'choose another path, or restore a backup if this was a store' },
  ],
  // Our statements are fixed and our keys are made unique: if they do not fit the tables, the tables are not what we wrote.
  [
    'SQLITE_ERROR',
    {
      code: 'corrupt',
      advice: 'its tables are damaged; keep the file, restore a backup or sync again from peers',
    },
  ],
  [
    'SQLITE_CONSTRAINT',
    {
      code: 'corrupt',
      advice: 'its tables are damaged; keep the file, restore a backup or sync again from peers',
    },
  ],
  ['SQLITE_BUSY', { code: 'locked', advice: 'another program writes to the file; stop it' }],
  ['SQLITE_READONLY', { code: 'io', advice: 'the file or its directory is read-only; make it writable' }],
  [
    'SQLITE_CANTOPEN',
    { code: 'io', advice: 'check that it is a file, and that its directory is there and may be written' },
  ],
  ['SQLITE_IOERR', { code: 'io', advice: 'the disk failed; check it, then open the store again' }],
]

/** Codes of the file system that mean a full disk; all other ones but these two sets mean a failed one. */
const fullErrnos = new Set(['ENOSPC', 'EDQUOT'])
/** And those that mean a file or directory that may not be written. */
const readOnlyErrnos = new Set(['EACCES', 'EPERM', 'EROFS'])

/** A StoreError for an error of SQLite or the file system; any other error as it is. `action` is what was attempted, on `path`. */
export function storeErrorOf(error: unknown, action: string, path: string): unknown {
  const kind = kindOf(error)
  if (!kind || !(error instanceof Error)) return error
  return new StoreError(kind.code, `${action} ${path}: ${error.message}; ${kind.advice}`, { cause: error })
}

export function isCode(error: unknown, code: StoreErrorCode): boolean {
  return error instanceof StoreError && error.code === code
}

function kindOf(error: unknown): Kind | undefined {
  if (error instanceof Database.SqliteError)
    return kinds.find(([prefix]) => error.code.startsWith(prefix))?.[1]
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  const like = likeErrno(String(error.code))
  return kinds.find(([prefix]) => prefix === like)?.[1]
}

/** The code of SQLite that means the same. */
function likeErrno(errno: string): string {
  if (fullErrnos.has(errno)) return 'SQLITE_FULL'
  return readOnlyErrnos.has(errno) ? 'SQLITE_READONLY' : 'SQLITE_IOERR'
}

/** Runs `work`; what SQLite throws comes out as a StoreError. */
export function asStoreError<T>(action: string, path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw storeErrorOf(error, action, path)
  }
}

export function corrupt(path: string, what: string): StoreError {
  return new StoreError('corrupt', reading(path, what))
}

/** Of one row: the rest of the file goes on. */
export function damagedRow(path: string, what: string, damage: Damage): StoreDamage {
  return new StoreDamage(reading(path, what), damage)
}

function reading(path: string, what: string): string {
  return `read ${path}: ${what}; the file is damaged, keep it and restore a backup or sync again from peers`
}
