import { beforeAll, describe, expect, it } from 'vitest'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { Document } from '../engine/document.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { compressChange } from './craft.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { packChanges, unpackChanges } from './pack.ts'
import { type ParsedChange, parseChange } from './parse.ts'

beforeAll(startEngine)

const host = testHost()
const limits = { changesMax: 10_000, bytesMax: 1_000_000 }
const actorOf = (n: number) => `00${n.toString(16).padStart(32, '0')}`

/** Three authors who write at once, and merge now and then. */
function history(edits: number): ParsedChange[] {
  const documents = [1, 2, 3].map((n) => new Document(actorOf(n)))
  const made: Uint8Array[] = []
  for (let i = 0; i < edits; i++) {
    const document = documents[i % 3]!
    document.put('_root', `field${i % 5}`, i % 7 === 0 ? 'x'.repeat(400 * (i % 3)) : i)
    made.push(document.commit(1_700_000_000 + i)!)
    if (i % 4 === 3) for (const other of documents) other.apply(made)
  }
  return made.map((bytes) => parseChange(bytes, host, defaultChangeLimits))
}

function packed(changes: readonly ParsedChange[]): Uint8Array {
  const writer = new ByteWriter()
  packChanges(writer, changes)
  return writer.finish()
}

const unpacked = (bytes: Uint8Array, over: Partial<typeof limits> = {}) =>
  unpackChanges(new ByteReader(bytes), host, { ...limits, ...over })

describe('K-1: packed changes', () => {
  it('come out byte for byte, compressed ones uncompressed under the same hash', () => {
    const changes = history(60)
    const compressed = changes.map(({ body }) => parseChange(compressChange(body), host, defaultChangeLimits))
    expect(compressed.every((change) => change.bytes[8] === 2)).toBe(true)
    for (const told of [changes, compressed])
      expect(unpacked(packed(told))).toEqual(changes.map((change) => change.bytes))
  })

  it('take a fraction of their bytes', () => {
    const document = new Document(actorOf(1))
    const changes = Array.from({ length: 100 }, (_, i) => {
      document.put('_root', 'n', i)
      return parseChange(document.commit(i)!, host, defaultChangeLimits)
    })
    const whole = changes.reduce((sum, change) => sum + change.rawBytes, 0)
    expect(packed(changes).length).toBeLessThan(0.6 * whole)
  })

  it('are refused where a dependency does not stand before', () => {
    const changes = history(8)
    expect(() => packed(changes.slice(1))).toThrow(/does not stand before it/)
    expect(() => packed([...changes].reverse())).toThrow(/does not stand before it/)
  })

  it('K-8: are bounded in number and in bytes, whatever they claim', () => {
    const bytes = packed(history(20))
    expect(unpacked(bytes, { changesMax: 20 })).toHaveLength(20)
    expect(() => unpacked(bytes, { changesMax: 19 })).toThrow(/limit 19/)
    const whole = history(20).reduce((sum, change) => sum + change.body.length, 0)
    expect(unpacked(bytes, { bytesMax: whole })).toHaveLength(20)
    expect(() => unpacked(bytes, { bytesMax: whole - 1 })).toThrow(/limit/)
  })

  it('that are cut or changed give other changes or a BytesError, and nothing else', () => {
    const bytes = packed(history(12))
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at]! ^= 1 << (at % 8)
      for (const broken of [changed, bytes.subarray(0, at)]) {
        try {
          unpacked(broken)
        } catch (error) {
          expect(error).toMatchObject({ name: 'BytesError' })
        }
      }
    }
  })

  it('name no actor that is not listed, no dependency that does not stand before, and no actor twice', () => {
    const actor = new Uint8Array(17).fill(7)
    const rest = new Uint8Array([1, 1, 0, 0, 0, 0])
    const one = (backs: number[], number: number, actors = [actor]) => {
      const writer = new ByteWriter().varint(actors.length)
      for (const each of actors) writer.raw(each)
      writer.varint(2).varint(0).varint(0).bytes(rest).varint(backs.length)
      for (const back of backs) writer.varint(back)
      return writer.varint(number).bytes(rest).finish()
    }
    expect(unpacked(one([1], 0))).toHaveLength(2)
    expect(() => unpacked(one([0], 0))).toThrow(/itself/)
    expect(() => unpacked(one([2], 0))).toThrow(/limit 1/)
    expect(() => unpacked(one([1], 1))).toThrow(/not listed/)
    expect(() => unpacked(one([1], 0, [actor, actor]))).toThrow(/twice/)
  })
})
