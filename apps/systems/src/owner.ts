/** As whom servers run: as we are, unless we are root, whom PostgreSQL refuses and nobody should hand to a server. Debian's PostgreSQL brings a user for it. */
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For `spawn`; empty: as this process. */
export interface Owner {
  uid?: number
  gid?: number
}

const USERS = ['postgres', 'nobody']

export function ownerOfServers(): Owner {
  if (process.getuid?.() !== 0) return {}
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const user of USERS) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${user}:`))?.split(':') ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    `servers are not run as root, and there is no user ${USERS.join(' or ')} here to run them as`,
  )
}

/** An empty folder that the owner may write to. */
export function folderFor({ uid, gid }: Owner, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `skerry-${name}-`))
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

/** A server's folder, filled by `fill`; gone again when that fails. */
export async function filledFolder(
  owner: Owner,
  name: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<string> {
  const folder = folderFor(owner, name)
  try {
    await fill(folder)
    return folder
  } catch (error) {
    // What a tool left running may write a last file.
    rmSync(folder, { recursive: true, force: true, maxRetries: RETRIES_MAX })
    throw error
  }
}

/** With 100 ms more between each two. */
const RETRIES_MAX = 5
