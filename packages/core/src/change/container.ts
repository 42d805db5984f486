// Every container of a record has its own change, and everyone computes the same one. Two replicas that make
// the same field offline, or know the same field from different versions of a schema, thereby make the same
// container, and what they put into it merges.
//
//   actor      01, then the first 16 bytes of SHA-256 over: 'skerry/container/1', record, incarnation, number
//              of steps, {key, generation} for each step, kind (0 map, 1 list, 2 text, 3 counter); numbers as
//              LEB128, texts with their length before them
//   sequence   1      time 0      first operation = depth of the container, 1 in the root
//   message    the address (container-address.ts): with record and incarnation enough to recompute all of this
//   depends    on the change of the map around it, on nothing in the root
//   operation  make the empty container, or set the counter to 0
//
// Rejected: one big first change (two schema versions would collide), and ordinary creation (each side hides
// the other's fields).

import { fromHex, toHex } from '../bytes/hex.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { ACTOR_BYTES, actorPrefix } from './actors.ts'
import { changeHashInput, sealChunk } from './chunk.ts'
import {
  addressText,
  type ContainerAddress,
  type ContainerKind,
  checkedAddressText,
  parseAddress,
} from './container-address.ts'
import { encodeMakeBody, type MakeParent } from './encode-make.ts'
import type { ParsedChange } from './parse.ts'
import type { ChangeHost } from './ports.ts'
import { ChangeRefused } from './refused.ts'

const ACTOR_DOMAIN = 'skerry/container/1'
const kindNumbers: readonly ContainerKind[] = ['map', 'list', 'text', 'counter']

export interface ContainerChange {
  /** Hex. */
  readonly actor: string
  /** Hex, as in the `deps` of what is made inside. */
  readonly hash: string
  /** The Automerge id of the one operation: of the object it makes, or of the counter it sets. */
  readonly objectId: string
  readonly bytes: Uint8Array
}

/** A container's change with what its children need of it. */
interface Computed {
  readonly actor: Uint8Array
  readonly hash: Uint8Array
  /** The depth of the container, which is the number of its operation. */
  readonly counter: number
  readonly hashInput: Uint8Array
}

type Hasher = Pick<ChangeHost, 'sha256'>

/**
 * The change that makes the container. Without `parent`, the change of the map around it, those of all maps
 * on the path are computed first: two hashes a level, so keep the results. Throws `ChangeRefused` when the
 * address breaks a rule (see `checkedAddressText`).
 */
export function containerChange(
  address: ContainerAddress,
  host: Hasher,
  parent?: ContainerChange,
): ContainerChange {
  const message = checkedAddressText(address)
  const computed = compute(
    address,
    message,
    host,
    new ByteWriter(),
    parent && known(parent, address.path.length - 1),
  )
  const actor = toHex(computed.actor)
  return {
    actor,
    hash: toHex(computed.hash),
    objectId: `${computed.counter}@${actor}`,
    bytes: sealChunk(computed.hashInput, computed.hash),
  }
}

/**
 * Recomputes a change that claims to be a container's from its own message. Throws `ChangeRefused`
 * 'forged-container' unless it is, bit for bit, the one change there is under its actor.
 */
export function verifyContainerChange(
  parsed: ParsedChange,
  record: string,
  incarnation: number,
  host: Pick<ChangeHost, 'sha256'>,
): void {
  const claimed = parseAddress(parsed.message, record, incarnation)
  const { hash } = containerChange(claimed, host)
  if (hash !== parsed.hashHex) {
    const where = `${parsed.message} of record ${JSON.stringify(record)}, incarnation ${incarnation}`
    throw new ChangeRefused(
      'forged-container',
      `the change of container ${where} has the hash ${hash}, not ${parsed.hashHex}`,
    )
  }
}

function compute(
  address: ContainerAddress,
  message: string,
  host: Hasher,
  scratch: ByteWriter,
  parent?: MakeParent,
): Computed {
  const { path, kind } = address
  const counter = path.length
  const around = parent ?? (counter > 1 ? computeParent(address, host, scratch) : undefined)
  const actor = containerActor(address, host, scratch)
  const { key } = path[counter - 1]!
  const hashInput = changeHashInput(
    encodeMakeBody({ actor, message, key, kind, ...(around && { parent: around }) }, scratch),
  )
  return { actor, hash: host.sha256(hashInput), counter, hashInput }
}

function computeParent(
  { record, incarnation, path }: ContainerAddress,
  host: Hasher,
  scratch: ByteWriter,
): MakeParent {
  const address: ContainerAddress = { record, incarnation, path: path.slice(0, -1), kind: 'map' }
  return compute(address, addressText(address), host, scratch)
}

function known({ actor, hash }: ContainerChange, counter: number): MakeParent {
  return { actor: fromHex(actor), hash: fromHex(hash), counter }
}

function containerActor(
  { record, incarnation, path, kind }: ContainerAddress,
  host: Hasher,
  scratch: ByteWriter,
): Uint8Array {
  const identity = scratch.reset().string(ACTOR_DOMAIN).string(record).varint(incarnation).varint(path.length)
  for (const { key, generation } of path) identity.string(key).varint(generation)
  identity.u8(kindNumbers.indexOf(kind))
  const actor = new Uint8Array(ACTOR_BYTES)
  actor[0] = actorPrefix('container')
  actor.set(host.sha256(identity.finish()).subarray(0, ACTOR_BYTES - 1), 1)
  return actor
}
