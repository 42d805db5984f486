/** Bodies of entries, and proofs, as packages/core/src/log/SPEC.md has them. */
import { MAGIC, type ReadChange, type ReadEntry, readChange, readEntry, sha256 } from './entry.ts'
import { Fields, written } from './fields.ts'
import { inflated } from './inflated.ts'
import { exactly, jsonIn } from './json.ts'

const outcomes = ['saved', 'mended', 'refused', 'overruled', 'review']

export interface ReadReceipt {
  place: string
  outcome: string
  seqs: Record<string, number>
  at: number
  reason?: string
  rule?: string
  fields?: string[]
  values?: Record<string, { was: unknown; became: unknown; agreed?: unknown }>
}

export function readReceipt(body: Uint8Array): ReadReceipt {
  const receipt = exactly<ReadReceipt>(
    jsonIn(body),
    ['place', 'outcome', 'seqs', 'at'],
    ['reason', 'rule', 'fields', 'values'],
  )
  if (!outcomes.includes(receipt.outcome)) throw new Error(`outcome ${receipt.outcome}`)
  for (const [actor, seq] of Object.entries(receipt.seqs))
    if (!/^[0-9a-f]{34}$/.test(actor) || !Number.isSafeInteger(seq)) throw new Error(`seqs of ${actor}`)
  for (const both of Object.values(receipt.values ?? {})) exactly(both, ['was', 'became'], ['agreed'])
  return receipt
}

export function readTombstone(body: Uint8Array) {
  const fields = new Fields(body)
  if (fields.u8() !== 1) throw new Error('unknown-version')
  return fields.done({ deletedAt: fields.varint() })
}

export function readRevocation(body: Uint8Array) {
  const fields = new Fields(body)
  if (fields.u8() !== 1) throw new Error('unknown-version')
  const by = [undefined, 'hash', 'key'][fields.u8()]
  const [value, flags] = [fields.hex(32), fields.u8()]
  if (by === undefined || flags > 1) throw new Error('malformed-entry')
  return fields.done({ by, value, wipe: flags === 1 })
}

export interface ReadSnapshot {
  credentials: string[]
  signatures: { actor: string; lastSeq: number; credential: string; signature: Uint8Array }[]
  changes: ReadChange[]
  receipts: ReadEntry[]
}

export function readSnapshot(body: Uint8Array): ReadSnapshot {
  const fields = new Fields(body)
  if (fields.u8() !== 1) throw new Error('unknown-version')
  const credentials = fields.list(() => fields.hex(32))
  const signatures = fields.list(() => {
    const [actor, lastSeq, credential] = [fields.hex(17), fields.varint(), credentials[fields.varint()]]
    if (credential === undefined) throw new Error('malformed-entry')
    return { actor, lastSeq, credential, signature: fields.raw(64) }
  })
  const length = fields.varint()
  const whole = inflated(fields.bytes(), length)
  fields.done(undefined)
  const packed = new Fields(whole)
  const actors = packed.list(() => packed.raw(17))
  const hashes: Uint8Array[] = []
  const changes = packed.list(() => {
    const back = packed.list(() => packed.varint())
    const dependencies = back.map((steps) => hashes[hashes.length - steps]!)
    const actor = actors[packed.varint()]!
    const chunk = wholeChange(dependencies, actor, packed.bytes())
    hashes.push(chunk.hash)
    return readChange(chunk.bytes)
  })
  const receipts = packed.list(() => readEntry(packed.bytes()))
  return packed.done({ credentials, signatures, changes, receipts })
}

/** A change made whole again: what a snapshot leaves out follows from what stands before it. */
function wholeChange(dependencies: readonly Uint8Array[], actor: Uint8Array, rest: Uint8Array) {
  const body = Buffer.concat([
    written.varint(dependencies.length),
    ...dependencies,
    written.bytes(actor),
    rest,
  ])
  const content = Buffer.concat([Uint8Array.of(1), written.bytes(body)])
  const hash = sha256(content)
  return { hash, bytes: Buffer.concat([Buffer.from(MAGIC, 'hex'), hash.subarray(0, 4), content]) }
}

export function readProof(bytes: Uint8Array) {
  const fields = new Fields(bytes)
  if (fields.string() !== 'skerry/proof/1') throw new Error('no proof')
  const half = () => ({ token: fields.string(), entry: readEntry(fields.bytes()) })
  return fields.done([half(), half()] as const)
}
