/**
 * Where a database lives, and whether it still lives there. A file that was copied must not go on as the same log: two replicas would
 * write under one identity. `judge` is the whole decision; the table in README.md says it in words.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isMissing, type Sidecar } from './sidecar.ts'

export interface Place {
  /** /etc/machine-id; absent where there is none, as in most containers. */
  machine?: string
  /** Weaker than the machine id: a container gets a new one at each start. */
  host: string
  /** With symbolic links resolved. */
  path: string
  inode: number
  /** Milliseconds since 1970; 0 where the file system does not keep it. */
  bornAt: number
}

export type Verdict = 'here' | 'copied' | 'restored'

export function placeOf(path: string): Place {
  const { ino, birthtimeMs } = statSync(path)
  const machine = machineId()
  const place = { host: hostname(), path: realPath(path), inode: ino, bornAt: Math.floor(birthtimeMs) }
  return machine ? { machine, ...place } : place
}

/** With the directory's symbolic links resolved; the file itself need not exist yet. */
function realPath(path: string): string {
  return join(realpathSync(dirname(path)), basename(path))
}

/** `knows` is what the database holds; `sidecar` what lies beside it. */
export function judge(
  was: Place,
  is: Place,
  sidecar: Sidecar | undefined,
  knows: { runs: string[]; head: number },
): Verdict {
  if (was.machine !== undefined && is.machine !== undefined && was.machine !== is.machine) return 'copied'
  const sameFile = was.inode === is.inode && was.bornAt === is.bornAt
  const samePlace = was.path === is.path && (was.host === is.host || sameMachine(was, is))
  if (!sameFile && !samePlace) return 'copied'
  if (!sidecar) return sameFile ? 'here' : 'restored'
  return knows.runs.includes(sidecar.run) && knows.head >= sidecar.head ? 'here' : 'restored'
}

function sameMachine(was: Place, is: Place): boolean {
  return was.machine !== undefined && was.machine === is.machine
}

function machineId(): string | undefined {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
