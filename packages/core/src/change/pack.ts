/**
 * A record's whole history in little space. A change of a few dozen bytes carries a hundred that its neighbours tell too: the hashes it depends on, its
 * actor, its checksum. Packed, a dependency is how many changes back it stands, an actor a number; hash and checksum are computed anew. What comes out is
 * byte for byte what went in (a compressed change uncompressed, with the same hash), so every guard looks at it as at any change.
 *
 *   count, 17 bytes each      actors
 *   count, per change:        count, {number} how many changes before this one each dependency stands, in the order of the change
 *                             number of its actor · bytes: its body from the sequence on
 *
 * Not Automerge's document format: that is three to five times smaller still, but only the engine can take the changes out of it again, and foreign bytes reach
 * the engine last.
 */
import { BytesError } from '../bytes/bytes-error.ts'
import { toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { ACTOR_BYTES } from './actors.ts'
import { changeHashInput, sealChunk } from './chunk.ts'
import { defaultChangeLimits } from './limits.ts'
import type { ParsedChange } from './parse.ts'
import type { ChangeHost } from './ports.ts'

const HASH_BYTES = 32

/** Every dependency must stand before the change that names it. @throws Error when one does not: then this is no whole history */
export function packChanges(writer: ByteWriter, changes: readonly ParsedChange[]): void {
  const actors = [...new Set(changes.map((change) => change.actorHex))]
  const actorAt = new Map(actors.map((actor, at) => [actor, at]))
  const placeOf = new Map(changes.map((change, at) => [change.hashHex, at]))
  const first = new Map(changes.map((change) => [change.actorHex, change.actor]))
  writer.varint(actors.length)
  for (const actor of actors) writer.raw(first.get(actor)!)
  writer.varint(changes.length)
  changes.forEach((change, at) => {
    writer.varint(change.deps.length)
    for (const dep of change.deps) writer.varint(at - placeBefore(placeOf, dep, at))
    writer.varint(actorAt.get(change.actorHex)!).bytes(restOf(change))
  })
}

function placeBefore(placeOf: ReadonlyMap<string, number>, dep: string, at: number): number {
  const place = placeOf.get(dep)
  if (place === undefined || place >= at)
    throw new Error(
      `packing change ${at}: it depends on ${dep.slice(0, 12)}…, which does not stand before it`,
    )
  return place
}

/** The body behind dependencies and actor. */
function restOf({ body }: ParsedChange): Uint8Array {
  const reader = new ByteReader(body)
  reader.skip(reader.varint() * HASH_BYTES)
  reader.bytes(ACTOR_BYTES)
  return body.subarray(reader.offset)
}

export interface UnpackLimits {
  changesMax: number
  /** Bytes of all changes together once they are whole again: a byte that names a dependency stands for 32. */
  bytesMax: number
}

/** The changes, whole, in their order. Allocates in proportion to `bytesMax` at most. @throws BytesError */
export function unpackChanges(
  reader: ByteReader,
  host: Pick<ChangeHost, 'sha256'>,
  limits: UnpackLimits,
): Uint8Array[] {
  const actors = readActors(reader, limits.changesMax)
  const count = reader.varint(limits.changesMax)
  const hashes: Uint8Array[] = []
  const changes: Uint8Array[] = []
  let bytes = 0
  for (let at = 0; at < count; at++) {
    const body = readBody(reader, actors, hashes, limits.bytesMax)
    bytes += body.length
    if (bytes > limits.bytesMax)
      throw new BytesError(
        'too-long',
        reader.offset,
        `unpacking change ${at}: ${bytes} bytes so far, limit ${limits.bytesMax}`,
      )
    const hashInput = changeHashInput(body)
    const hash = host.sha256(hashInput)
    hashes.push(hash)
    changes.push(sealChunk(hashInput, hash))
  }
  return changes
}

function readActors(reader: ByteReader, countMax: number): Uint8Array[] {
  const count = reader.varint(countMax)
  const actors: Uint8Array[] = []
  const known = new Set<string>()
  for (let i = 0; i < count; i++) {
    const actor = reader.raw(ACTOR_BYTES)
    actors.push(actor)
    known.add(toHex(actor))
  }
  if (known.size < count) throw invalid(reader, 'an actor is listed twice')
  return actors
}

function readBody(
  reader: ByteReader,
  actors: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  bytesMax: number,
): Uint8Array {
  const at = hashes.length
  const count = reader.varint(Math.min(at, defaultChangeLimits.dependenciesMax))
  const writer = new ByteWriter(64 + count * HASH_BYTES).varint(count)
  for (let i = 0; i < count; i++) {
    const back = reader.varint(at)
    if (back === 0) throw invalid(reader, 'a change depends on itself')
    writer.raw(hashes[at - back]!)
  }
  const actor = actors[reader.varint()]
  if (!actor) throw invalid(reader, 'a change is of an actor that is not listed')
  return writer.bytes(actor).raw(reader.bytes(bytesMax)).finish()
}

function invalid(reader: ByteReader, what: string): BytesError {
  return new BytesError('varint-overflow', reader.offset, `unpacking at offset ${reader.offset}: ${what}`)
}
