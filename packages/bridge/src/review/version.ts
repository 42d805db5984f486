/** Names what a review says, so that a decision about other values is refused; equal values are decided alike, whenever they come (SPEC B-103). */
import { encodeUtf8, type Host, type Json, toHex } from '@skerry/core'
import type { HeldField, HeldRecord } from './item.ts'

/** Hex digits: enough that no two states of one record share it. */
const DIGITS = 16

export function versionOf(
  host: Pick<Host, 'sha256'>,
  { record, field, held }: { record: string; field: string; held: HeldField | HeldRecord },
): string {
  const { agreed, ours, theirs } = held
  // The row's version tells two rows of one value apart: only the newest can be taken in.
  const row = 'row' in held ? held.row.version : null
  const said: Json[] = [record, field, agreed, ours, theirs, row]
  return toHex(host.sha256(encodeUtf8(JSON.stringify(said)))).slice(0, DIGITS)
}
