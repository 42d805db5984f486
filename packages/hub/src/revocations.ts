/**
 * Credentials and devices that were revoked. Kept in the replica's table `revoked`, and in memory because every check of every credential
 * asks.
 */
import type { Credential, ReplicaBase } from '@skerry/core'
import { REVOCATIONS_MAX } from './limits.ts'

const REVOKED_TABLE = 'revoked'
/** Rows read at once at the start. */
const SCAN_PAGE_ROWS = 1_000

/** `hash`: one credential, by the sha256 of its token. `key`: a device, by its public key, with every credential it has or will get. Both 64 hex digits. */
export interface Revoked {
  by: 'hash' | 'key'
  value: string
}

export class TooManyRevocations extends Error {
  override readonly name = 'TooManyRevocations'
  readonly code = 'too-many-revocations'
}

export class Revocations {
  readonly #rows = new Set<string>()

  /** Reads what an earlier run revoked. */
  async load(replica: Pick<ReplicaBase, 'tableRows'>): Promise<void> {
    let after: string | undefined
    for (;;) {
      const rows = await replica.tableRows(REVOKED_TABLE, {
        limit: SCAN_PAGE_ROWS,
        ...(after !== undefined && { after }),
      })
      for (const { key } of rows) this.#rows.add(key)
      if (rows.length < SCAN_PAGE_ROWS) return
      after = rows.at(-1)!.key
    }
  }

  has(credential: Pick<Credential, 'hash' | 'publicKey'>): boolean {
    if (this.#rows.size === 0) return false
    const key = Buffer.from(credential.publicKey).toString('hex')
    return (
      this.#rows.has(rowKey({ by: 'hash', value: credential.hash })) ||
      this.#rows.has(rowKey({ by: 'key', value: key }))
    )
  }

  /** Resolves when it is durable; false when it was revoked before. `at`: milliseconds since 1970. @throws StoreError, TooManyRevocations */
  async add(replica: Pick<ReplicaBase, 'transact'>, revoked: Revoked, at: number): Promise<boolean> {
    const key = rowKey(revoked)
    if (this.#rows.has(key)) return false
    if (this.#rows.size >= REVOCATIONS_MAX) {
      throw new TooManyRevocations(
        `revoking ${revoked.value}: ${REVOCATIONS_MAX} are kept already; make a new authority for the space`,
      )
    }
    const value = new TextEncoder().encode(JSON.stringify({ at }))
    await replica.transact(async ({ tables }) => tables.put(REVOKED_TABLE, key, value))
    this.#rows.add(key)
    return true
  }
}

function rowKey({ by, value }: Revoked): string {
  return `${by}/${value}`
}
