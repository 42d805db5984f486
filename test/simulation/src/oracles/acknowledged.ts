/** Every edit of which an app was told that it is at the hub, is there: also after the hub was set back, if the device that wrote it still has it and may still write it. */
import type { JsonObject } from '@skerry/core'
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
}

export function checkAcknowledged({ ledger, hub, held, aside }: AcknowledgedAt): void {
  for (const { edit, hubRestores } of ledger.acknowledged) {
    const { mark, record } = edit
    if (hubRestores !== ledger.hubRestores && (!held.has(mark) || aside.has(mark))) continue
    const visit = hub.get(record)
    if (visit ? (visit['marks'] as JsonObject | undefined)?.[mark] : ledger.deleted.has(record)) continue
    throw new OracleFailed(
      'acknowledged',
      `the hub acknowledged ${mark} of ${record} to ${edit.node} and does not have it`,
    )
  }
}
