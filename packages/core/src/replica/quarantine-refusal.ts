/** What becomes of an entry that is told of a record in quarantine. */
import { Refused } from './judge.ts'
import type { OpenRecord } from './open-record.ts'

/** Why an entry is neither let in nor refused: it waits (DM-6). No teller is told this code. */
export const RECORD_DAMAGED = 'record-damaged'

/** Damage may be found in the middle of a delivery, by the read with which the record is loaded. */
export function quarantineRefusal({ key, isDamaged }: Pick<OpenRecord, 'key' | 'isDamaged'>): Refused {
  if (isDamaged) return waitsUntilWhole(key)
  return new Refused(
    'record-quarantined',
    `${key} does harm when it is loaded, so nothing is added to it here until the operator releases it`,
  )
}

export function waitsUntilWhole(record: string): Refused {
  return new Refused(RECORD_DAMAGED, `${record} is damaged here; what is new of it waits until it is whole`)
}
