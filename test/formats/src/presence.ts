/** PRESENCE, WHO and AUTHOR, as packages/core/src/ephemeral/SPEC.md has them. */
import { written } from './fields.ts'
import { after } from './message.ts'

const kinds = ['left', 'here', 'withdrawn'] as const

export interface ReadPresence {
  kind: (typeof kinds)[number]
  hops: number
  ageMs: number
  channel: string
  credential: Uint8Array
  instance: Uint8Array
  counter: number
  value: Uint8Array
  signature: Uint8Array | undefined
}

export function readPresence(message: Uint8Array): ReadPresence {
  const fields = after(0x30, message)
  const kind = kinds[fields.u8()]
  if (kind === undefined) throw new Error('a presence of an unknown kind')
  const [hops, ageMs] = [fields.varint(), fields.varint()]
  if (hops > 32 || ageMs > 70_000) throw new Error(`${hops} hops, ${ageMs} ms`)
  return fields.done({
    kind,
    hops,
    ageMs,
    channel: fields.string(),
    credential: fields.raw(32),
    instance: fields.raw(16),
    counter: fields.varint(),
    value: kind === 'here' ? fields.bytes() : new Uint8Array(),
    signature: kind === 'withdrawn' ? undefined : fields.raw(64),
  })
}

/** What its author signs. */
export function presenceStatement(space: string, said: ReadPresence): Uint8Array {
  return Buffer.concat([
    written.string('skerry/presence/1'),
    written.string(space),
    Uint8Array.of(kinds.indexOf(said.kind)),
    written.string(said.channel),
    said.credential,
    said.instance,
    written.varint(said.counter),
    written.bytes(said.value),
  ])
}

export function readWho(message: Uint8Array) {
  const fields = after(0x31, message)
  return fields.done({ credential: fields.hex(32) })
}

export function readAuthor(message: Uint8Array) {
  const fields = after(0x32, message)
  return fields.done({ token: fields.string() })
}
