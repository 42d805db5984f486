/** What an author said, as it travels: the part that is signed, and what changes on its way. */
import { fromHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'

/** `withdrawn`: not said by the author, but by the authority of it. */
export type SaidKind = 'left' | 'here' | 'withdrawn'

/** By their code on the wire, and in the statement. */
export const saidKinds: readonly SaidKind[] = ['left', 'here', 'withdrawn']

export interface Said {
  kind: SaidKind
  channel: string
  /** Hash of the author's credential, 64 hex digits. */
  credential: string
  /** One open of the author's replica, 32 hex digits. */
  instance: string
  counter: number
  /** UTF-8 JSON; empty unless `here`. */
  value: Uint8Array
  /** 64 bytes; empty when withdrawn. */
  signature: Uint8Array
}

export interface Travelling extends Said {
  /** Sessions that it may still cross after this one. */
  hops: number
  /** Milliseconds since the author said it, as far as is known. */
  ageMs: number
}

/** What the author's key signs. */
export function statementOf(space: string, said: Omit<Said, 'signature'>): Uint8Array {
  return new ByteWriter()
    .string('skerry/presence/1')
    .string(space)
    .u8(saidKinds.indexOf(said.kind))
    .string(said.channel)
    .raw(fromHex(said.credential))
    .raw(fromHex(said.instance))
    .varint(said.counter)
    .bytes(said.value)
    .finish()
}

/** PR-5: higher is newer. */
export function rankOf({ kind, counter }: Pick<Said, 'kind' | 'counter'>): number {
  return 2 * counter + (kind === 'withdrawn' ? 1 : 0)
}

/** Counters are at most this, so that a rank is a safe integer. */
export const COUNTER_MAX = 2 ** 52 - 1

/** Names a slot: each part but the channel has its own length, so no two names are the same. */
export function slotKeyOf(node: string, { instance, channel }: Pick<Said, 'instance' | 'channel'>): string {
  return `${node} ${instance} ${channel}`
}
