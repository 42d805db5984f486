import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { credentialsCited } from './cited.ts'
import { encodeEntry } from './entry.ts'
import {
  decodeSnapshot,
  encodeSnapshot,
  SNAPSHOT_AUTHORS_MAX,
  SNAPSHOT_BYTES_WHOLE_MAX,
  SNAPSHOT_CHANGES_MAX,
  SNAPSHOT_RECEIPTS_MAX,
} from './snapshot.ts'

beforeAll(startEngine)

const host = testHost()
const signature = (n: number, credential: number) => ({
  actor: new Uint8Array(17).fill(n),
  lastSeq: n,
  credentialHash: new Uint8Array(32).fill(credential),
  signature: new Uint8Array(64).fill(n),
})

function changes(count: number): ParsedChange[] {
  const document = new Document(`00${'0'.repeat(32)}`)
  return Array.from({ length: count }, (_, i) => {
    document.put('_root', 'n', i)
    return parseChange(document.commit(i)!, host, defaultChangeLimits)
  })
}

const parts = () => ({
  changes: changes(5),
  signatures: [signature(1, 8), signature(2, 9), signature(3, 8)],
  receipts: [new Uint8Array([1, 2, 3]), new Uint8Array([4])],
  alsoCited: [toHex(new Uint8Array(32).fill(9)), toHex(new Uint8Array(32).fill(10))],
})

describe('K-1: a snapshot', () => {
  it('is read back as it was', () => {
    const told = parts()
    expect(decodeSnapshot(encodeSnapshot(told, host), host)).toEqual({
      signatures: told.signatures,
      changes: told.changes.map((change) => change.bytes),
      receipts: told.receipts,
    })
  })

  it('K-5: tells which credentials it cites, each once, those of its receipts too', () => {
    const body = encodeSnapshot(parts(), host)
    const entry = { kind: 'snapshot' as const, record: 'a/b', incarnation: 3, signature: undefined, body }
    const cited = [8, 9, 10].map((n) => toHex(new Uint8Array(32).fill(n)))
    expect(credentialsCited(encodeEntry(entry))).toEqual(cited)
    expect(credentialsCited(encodeEntry({ ...entry, body: body.subarray(0, 20) }))).toEqual([])
    expect(credentialsCited(encodeEntry({ ...entry, body: new Uint8Array([9]) }))).toEqual([])
  })

  it('K-8: above its ceilings is not written', () => {
    const told = parts()
    const receipts = (count: number) => Array.from({ length: count }, () => new Uint8Array(1))
    const refuses = (over: Partial<ReturnType<typeof parts>>) =>
      expect(() => encodeSnapshot({ ...told, ...over }, host)).toThrow(/limit .*stays as it is/)
    encodeSnapshot({ ...told, receipts: receipts(SNAPSHOT_RECEIPTS_MAX) }, host)
    const authors = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        const actor = new Uint8Array(17)
        actor.set([i & 255, i >> 8], 1)
        return { ...signature(1, 8), actor }
      })
    const crowd = encodeSnapshot({ ...told, signatures: authors(SNAPSHOT_AUTHORS_MAX) }, host)
    expect(decodeSnapshot(crowd, host).signatures).toHaveLength(SNAPSHOT_AUTHORS_MAX)
    refuses({ signatures: authors(SNAPSHOT_AUTHORS_MAX + 1) })
    const [first] = told.changes
    const many = (count: number) => Array.from({ length: count }, () => first!)
    const full = encodeSnapshot({ ...told, changes: many(SNAPSHOT_CHANGES_MAX) }, host)
    expect(decodeSnapshot(full, host).changes).toHaveLength(SNAPSHOT_CHANGES_MAX)
    refuses({ changes: many(SNAPSHOT_CHANGES_MAX + 1) })
    refuses({ receipts: receipts(SNAPSHOT_RECEIPTS_MAX + 1) })
    refuses({ receipts: [new Uint8Array(SNAPSHOT_BYTES_WHOLE_MAX)] })
  })

  it('K-8: that says how much it inflates to is held to it', () => {
    const told = parts()
    const lying = (says: number) => {
      const body = encodeSnapshot(told, {
        deflateRaw: (bytes) => host.deflateRaw(new Uint8Array(bytes.length + says)),
      })
      return () => decodeSnapshot(body, host)
    }
    expect(lying(1)).toThrow(/inflate to more than/)
    expect(lying(-1)).toThrow(/inflates to/)
  })

  it('of a newer format, with bytes behind its end, two signatures of an actor, or nothing in it is refused', () => {
    const body = encodeSnapshot(parts(), host)
    const newer = Uint8Array.from([2, ...body.subarray(1)])
    expect(() => decodeSnapshot(newer, host)).toThrow(/format 2.*upgrade/)
    expect(() => decodeSnapshot(Uint8Array.from([...body, 0]), host)).toThrow(/behind a snapshot's end/)
    const twice = encodeSnapshot({ ...parts(), signatures: [signature(1, 8), signature(1, 9)] }, host)
    expect(() => decodeSnapshot(twice, host)).toThrow(/two signatures/)
    const empty = encodeSnapshot({ ...parts(), changes: [] }, host)
    expect(() => decodeSnapshot(empty, host)).toThrow(/no change/)
  })

  it('that is cut is refused as malformed', () => {
    const body = encodeSnapshot(parts(), host)
    for (let length = 0; length < body.length; length += 3)
      expect(() => decodeSnapshot(body.subarray(0, length), host)).toThrow(
        expect.objectContaining({ name: 'EntryError', code: 'malformed-entry' }),
      )
  })
})
