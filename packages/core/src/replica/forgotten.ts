/** Up to which sequence this log may lack entries of records that were given up: a peer must not believe that they are held (session rule O12). */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Seq, Store } from '../store/port.ts'
import type { Turn } from './turn.ts'

const FORGOTTEN_KEY = 'forgotten'
const STATE_TABLE = 'state'

export async function readForgotten(store: Store): Promise<Seq> {
  const value = await store.get(STATE_TABLE, FORGOTTEN_KEY)
  return value ? Number(decodeUtf8(value)) : 0
}

/** Returns false when the horizon stands there already. */
export async function writeForgotten(turn: Turn, seq: Seq): Promise<boolean> {
  const value = await turn.get(STATE_TABLE, FORGOTTEN_KEY)
  if (value && Number(decodeUtf8(value)) >= seq) return false
  turn.put(STATE_TABLE, FORGOTTEN_KEY, encodeUtf8(String(seq)))
  return true
}
