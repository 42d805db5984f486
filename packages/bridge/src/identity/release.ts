/** Lets go, once first contact is over, the records that waited for it and found nobody (SPEC B-125). */
import type { Shared } from '../bridge-life.ts'
import { TAKEN_TOGETHER_MAX } from '../limits.ts'
import type { Mapping } from '../mapping.ts'
import { settle } from '../settle.ts'
import { offered } from './candidates.ts'
import { putContact, readContact } from './contact.ts'

/** @returns true when there are more */
export function releaseSome(shared: Shared, mapping: Mapping): Promise<boolean> {
  if (mapping.match.length === 0) return Promise.resolve(false)
  return shared.transact(async (tables) => {
    const contact = await readContact(tables, mapping.type)
    if (contact?.state !== 'releasing') return false
    const limit = TAKEN_TOGETHER_MAX
    const records = await offered(tables, mapping.collection.name, { after: contact.after, limit })
    for (const record of records) await settle(shared.context, tables, record)
    const isLast = records.length < limit
    const next = isLast
      ? ({ state: 'over' } as const)
      : ({ state: 'releasing', after: records.at(-1)! } as const)
    putContact(tables, mapping.type, next)
    return !isLast
  })
}
