/** Rows as a bridge's tables know them, outside an append. */
import { decodeUtf8, type ReplicaBase } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import { linkKey } from '../links.ts'
import { decodeItem } from '../outbox.ts'
import { decodeShadow, type Shadow } from '../shadow.ts'
import { allRows } from '../table-rows.ts'
import { type TableKind, tableOf } from '../tables.ts'
import { systemsVersion } from '../unsure-versions.ts'

export class ShadowRows {
  readonly #replica: ReplicaBase
  readonly #system: string

  constructor(replica: ReplicaBase, system: string) {
    this.#replica = replica
    this.#system = system
  }

  /** A position in the type's changes is known. */
  async wasRead(type: string): Promise<boolean> {
    return (await this.#read('position', type)) !== undefined
  }

  async recordOf(type: string, row: { id: string } | { externalId: string }): Promise<string | undefined> {
    const link = await this.#read('links', linkKey(type, row))
    return link && decodeUtf8(link)
  }

  async shadowOf(record: string): Promise<Shadow | undefined> {
    const bytes = await this.#read('shadow', record)
    return bytes && decodeShadow(record, bytes)
  }

  /** Idempotency keys of calls whose fate is not known. */
  async inDoubt(): Promise<Set<string>> {
    const keys = new Set<string>()
    for await (const { key, value } of allRows(this.#replica, tableOf(this.#system, 'outbox'))) {
      const item = decodeItem(key, value)
      if (item.state === 'begun') keys.add(item.idempotencyKey)
    }
    return keys
  }

  /** Its mapped value is all that is known of it. */
  async rowOf(type: string, id: string): Promise<ExternalRow | undefined> {
    const record = await this.recordOf(type, { id })
    const shadow = record === undefined ? undefined : await this.shadowOf(record)
    if (shadow?.rowId !== id) return undefined
    const { externalId, gone, value } = shadow
    const version = systemsVersion(shadow.version)
    return { type, id, ...(externalId !== '' && { externalId }), version, deleted: gone, value }
  }

  #read(kind: TableKind, key: string): Promise<Uint8Array | undefined> {
    return this.#replica.table(tableOf(this.#system, kind), key)
  }
}
