/** First contact of a mapping that matches: until everything there was seen once, records without a row wait (SPEC B-125). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'

/** Records that waited are let go, those up to `after` have been. */
type Contact = { state: 'releasing'; after: string } | { state: 'over' }

type Pair = Pick<Mapping, 'type' | 'collection'>

function contactRow({ type, collection }: Pair): string {
  return `c\n${type}\n${collection.name}`
}

export async function readContact(tables: BridgeTables, pair: Pair): Promise<Contact | undefined> {
  const bytes = await tables.get('matching', contactRow(pair))
  return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as Contact)
}

export function putContact(tables: BridgeTables, pair: Pair, contact: Contact): void {
  tables.put('matching', contactRow(pair), encodeUtf8(JSON.stringify(contact)))
}

/** Records without a row may be created there. */
export async function isInContact(tables: BridgeTables, pair: Pair): Promise<boolean> {
  return (await readContact(tables, pair)) !== undefined
}

/** Everything there was seen: who found nobody goes its way. */
export async function endFirstContact(tables: BridgeTables, mapping: Mapping): Promise<void> {
  if (mapping.match.length === 0 || (await isInContact(tables, mapping))) return
  putContact(tables, mapping, { state: 'releasing', after: '' })
  tables.reconcileIsDue = true
}
