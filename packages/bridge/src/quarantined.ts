/** Records that are in quarantine on this node, damaged or doing harm: neither side is told anything of them until they are out again (SPEC B-169). */
import type { OutboxItem } from './outbox.ts'
import { type BridgeTables, recordLink } from './tables.ts'

/** What it has to say to the system waits. A call that has begun ends as it would; a dead letter stays one. */
export function waitForRecord(tables: BridgeTables, record: string, item: OutboxItem | undefined): void {
  tables.putWait(recordLink(record), undefined)
  if (item?.state !== 'waiting') return
  const reason = 'the record is in quarantine on this node'
  tables.putItem(record, { state: 'parked', parents: [record], reason })
  tables.tell({
    level: 'info',
    code: 'parked',
    message: `${record} is not written yet: ${reason}`,
    fields: { record },
  })
}

/** What the row says waits: it is read again once the record is out. */
export function waitWithRow(tables: BridgeTables, record: string, row: { type: string; id: string }): void {
  tables.putWait(recordLink(record), row)
}
