/** An edit that was made before the engine ran, as it is kept: what the view was, and what it became (SPEC.md, Before the engine runs). */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { JsonObject } from '../records/shape.ts'
import type { TableRow, TableWrite } from '../store/port.ts'

export const INTENTS_TABLE = 'intents'
/** Digits of an intent's number in its key, so that keys ascend as numbers do. */
const NUMBER_DIGITS = 15

export interface Intent {
  record: string
  /** Of the collection, by which both views are made. */
  version: number
  /** Milliseconds since 1970 by the clock here. */
  at: number
  /** Absent: there was no such record to see. */
  was?: JsonObject | undefined
  /** Absent: it is deleted. */
  became?: JsonObject | undefined
}

export function intentRow(number: number, intent: Intent | undefined): TableWrite {
  const value = intent && encodeUtf8(JSON.stringify(intent))
  return { table: INTENTS_TABLE, key: String(number).padStart(NUMBER_DIGITS, '0'), value }
}

export function readIntent({ key, value }: TableRow): { number: number; intent: Intent } {
  return { number: Number(key), intent: JSON.parse(decodeUtf8(value) ?? '') as Intent }
}
