/**
 * Views on the wire, and in the pages of a replica that keeps them: one JSON list of record, version, heads and view, over and over. JSON because both ends hold views as text, and because the runtime
 * reads and writes a list of a thousand texts at once faster than any loop of ours does that runs for the first time, as in a first sync.
 *
 *     ["visits/1",1,"9f86d081884c7d65","{\"title\":\"…\"}","visits/2",1,…]
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { RECORD_BYTES_MAX, VIEW_HEADS_LENGTH_MAX, VIEW_LENGTH_MAX } from './limits.ts'
import { ProtocolError, type ToldView } from './port.ts'

const FIELDS = 4

export function encodeViews(views: readonly ToldView[]): Uint8Array {
  return encodeUtf8(
    JSON.stringify(views.flatMap(({ record, version, heads, view }) => [record, version, heads, view])),
  )
}

/** @throws ProtocolError malformed */
export function decodeViews(bytes: Uint8Array): ToldView[] {
  const list = listIn(bytes)
  if (list.length % FIELDS !== 0) throw malformed(`${list.length} values are no whole views`)
  const views: ToldView[] = []
  for (let at = 0; at < list.length; at += FIELDS) {
    const [record, version, heads, view] = [list[at], list[at + 1], list[at + 2], list[at + 3]]
    if (
      !isText(record, RECORD_BYTES_MAX) ||
      !isText(heads, VIEW_HEADS_LENGTH_MAX) ||
      !isText(view, VIEW_LENGTH_MAX)
    )
      throw malformed(`view ${at / FIELDS} has a field that is no text, or too long`)
    if (!Number.isSafeInteger(version)) throw malformed(`view ${at / FIELDS} has no version`)
    views.push({ record, version: version as number, heads, view })
  }
  return views
}

/** Upper bound of what a view adds to the text, in characters that need no escape. */
export function viewLength({ record, heads, view }: ToldView): number {
  return record.length + heads.length + view.length
}

function listIn(bytes: Uint8Array): unknown[] {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw malformed('they are not UTF-8')
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    throw new ProtocolError('malformed', 'reading views: they are not JSON', { cause })
  }
  if (!Array.isArray(list)) throw malformed('they are no list')
  return list
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length <= lengthMax
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('malformed', `reading views: ${what}`)
}
