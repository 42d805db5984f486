/** Before it is decided what a system is told of a record: what is not this side's to say goes back, and what is under review is brought in line with both sides. */
import { enforce } from './authority.ts'
import type { BridgeContext } from './context.ts'
import type { Mapping } from './mapping.ts'
import type { Held } from './review/item.ts'
import { heldBy, nothingHeld } from './review/item.ts'
import { type ReviewSubject, tend } from './review/tend.ts'
import type { BridgeTables } from './tables.ts'

export interface Ready extends Omit<ReviewSubject, 'mapping' | 'record'> {
  held: Held
}

/** @throws BridgeError mapping */
export async function prepare(
  context: BridgeContext,
  tables: BridgeTables,
  subject: ReviewSubject,
): Promise<Ready> {
  const { mapping, record } = subject
  const state = await enforce(context, tables, subject)
  if (!mapping.mayHold || !(await tables.review(record)))
    return { state, shadow: subject.shadow, held: nothingHeld }
  const tended = await tend(context, tables, { ...subject, state })
  return { ...tended, held: heldBy(await tables.review(record)) }
}

/** What of the record waits for a person. */
export async function heldOf(tables: BridgeTables, mapping: Mapping, record: string): Promise<Held> {
  return mapping.mayHold ? heldBy(await tables.review(record)) : nothingHeld
}
