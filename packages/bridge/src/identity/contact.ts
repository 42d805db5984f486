/** First contact of a mapping that matches: until everything there was seen once, records without a row wait (SPEC B-125). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'

/** Records that waited are let go, those up to `after` have been. */
type Contact = { state: 'releasing'; after: string } | { state: 'over' }

function contactRow(type: string): string {
  return `c\n${type}`
}

export async function readContact(tables: BridgeTables, type: string): Promise<Contact | undefined> {
  const bytes = await tables.get('matching', contactRow(type))
  return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as Contact)
}

export function putContact(tables: BridgeTables, type: string, contact: Contact): void {
  tables.put('matching', contactRow(type), encodeUtf8(JSON.stringify(contact)))
}

/** Records without a row may be created there. */
export async function isInContact(tables: BridgeTables, type: string): Promise<boolean> {
  return (await readContact(tables, type)) !== undefined
}

/** Everything there was seen: who found nobody goes its way. */
export async function endFirstContact(tables: BridgeTables, mapping: Mapping): Promise<void> {
  if (mapping.match.length === 0 || (await isInContact(tables, mapping.type))) return
  putContact(tables, mapping.type, { state: 'releasing', after: '' })
  tables.reconcileIsDue = true
}
