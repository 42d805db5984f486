/**
 * Originals that nobody wants any more: a photo that was removed before it was sent (SPEC.md, BL-23, BL-24, BL-26). The hub would refuse it for as long as no record refers to it, so it would wait for ever.
 *
 *   waiting, refused ──drop──▶ does a record have it? ──yes──▶ waits for that one
 *                                     │ no                           ▲
 *                                     ▼                              │ yes
 *                                  dropped ──the hub answered──▶ and now? ──no──▶ content gone, no row
 */
import type { ReplicaBase } from '@skerry/core'
import { type DeviceAccess, endUpload } from './hub-door.ts'
import type { Ledger, LedgerRow } from './ledger.ts'
import { ANSWER_MS_MAX } from './limits.ts'
import type { BlobQueue } from './queue.ts'
import { recordReferring } from './referring.ts'
import type { BlobStore } from './store/port.ts'

export interface DropParts {
  replica: Pick<ReplicaBase, 'rows' | 'collections'>
  ledger: Ledger
  store: BlobStore
  queue: Pick<BlobQueue, 'stop'>
  access: DeviceAccess
}

/** True: nothing wants the original any more, and it goes when the hub has answered that. To be called by one at a time of those that take or drop this blob. */
export async function dropOriginal(parts: DropParts, sha256: string, record: string): Promise<boolean> {
  const { ledger, queue } = parts
  const known = await ledger.get(sha256)
  if (!known || !isOriginal(known)) return false
  const others = recordsOf(known).filter((one) => one !== record)
  const left = others[0] ?? (await referring(parts, sha256))
  queue.stop(sha256)
  let became: LedgerRow | undefined
  await ledger.update(sha256, (row) => {
    // The hub confirmed it meanwhile: it is cache.
    became = row && isOriginal(row) ? withoutRecord(row, left, others) : row
    return became
  })
  return became?.state === 'dropped'
}

/**
 * What was dropped goes, but for what a record has again: the hub refused the removal, or somebody took it back. To be called when no edit waits for the hub's answer, also for what was
 * dropped before the device went down. As for `dropOriginal`, by one at a time.
 */
export async function finishDrop(parts: DropParts, sha256: string): Promise<void> {
  const { store, ledger, access } = parts
  const row = await ledger.get(sha256)
  if (row?.state !== 'dropped') return
  const record = await referring(parts, sha256)
  if (record !== undefined) return ledger.update(sha256, (now) => now && { ...now, record, state: 'waiting' })
  await store.delete(sha256)
  await ledger.update(sha256, () => undefined)
  // A kindness to the hub, which gives up by itself what is not finished.
  if (row.uploadUrl !== undefined) void endUpload(access, row.uploadUrl, AbortSignal.timeout(ANSWER_MS_MAX))
}

function referring({ replica }: DropParts, sha256: string): Promise<string | undefined> {
  return recordReferring(replica.rows, replica.collections.keys(), sha256)
}

function withoutRecord(row: LedgerRow, left: string | undefined, others: readonly string[]): LedgerRow {
  const { alsoFor: _, ...rest } = row
  if (left === undefined) return { ...rest, state: 'dropped' }
  const more = others.filter((one) => one !== left)
  return { ...rest, record: left, ...(more.length > 0 && { alsoFor: more }) }
}

/** Taken for them, and not dropped since. */
export function recordsOf({ record, alsoFor = [] }: Pick<LedgerRow, 'record' | 'alsoFor'>): string[] {
  return [record, ...alsoFor]
}

export function isOriginal({ state }: Pick<LedgerRow, 'state'>): boolean {
  return state === 'waiting' || state === 'refused'
}
