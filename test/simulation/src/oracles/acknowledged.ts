/**
 * Every edit of which an app was told that it is at the hub, is there: also after the hub was set back, if the device that wrote it still has it and may still write it. What a device wrote while
 * it was revoked comes by others and is taken back, and a receipt says so; so is what it may not write, where the hub could not weigh that when it answered.
 */
import type { JsonObject, Receipt } from '@skerry/core'
import type { Ledger } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

export type Views = ReadonlyMap<string, JsonObject>

export interface AcknowledgedAt {
  ledger: Ledger
  /** Views of the hub at the end. */
  hub: Views
  /** Marks that the devices that wrote them held when the faults stopped. */
  held: ReadonlySet<string>
  /** Marks that are set aside at the end. */
  aside: ReadonlySet<string>
  /** What the hub said of a record's edits. */
  receipts(record: string): readonly Receipt[]
}

export function checkAcknowledged({ ledger, hub, held, aside, receipts }: AcknowledgedAt): void {
  for (const { edit, hubRestores } of ledger.acknowledged) {
    const { mark, record } = edit
    if (hubRestores !== ledger.hubRestores && (!held.has(mark) || aside.has(mark))) continue
    const visit = hub.get(record)
    if (visit ? (visit['marks'] as JsonObject | undefined)?.[mark] : ledger.deleted.has(record)) continue
    if (isTakenBack(receipts(record), mark, visit === undefined)) continue
    throw new OracleFailed(
      'acknowledged',
      `the hub acknowledged ${mark} of ${record} to ${edit.node} and does not have it`,
    )
  }
}

/** Rules of mends that take back what their author may not write. */
export const takingBack: ReadonlySet<string | undefined> = new Set([
  'revoked',
  'credential-revoked',
  'read-only',
  'not-granted',
  'channel-not-granted',
])

/** A record that a revoked device began goes as a whole. */
function isTakenBack(receipts: readonly Receipt[], mark: string, hasGone: boolean): boolean {
  const takenBack = receipts.filter(({ rule }) => takingBack.has(rule))
  return takenBack.some((receipt) => hasGone || JSON.stringify(receipt).includes(mark))
}
