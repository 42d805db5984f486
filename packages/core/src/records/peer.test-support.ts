/** One document with its history, as a replica keeps it, without log, store and signatures: writes views, and takes over what another one has. */
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import { testHost } from '../replica/replica.test-support.ts'
import { diffViews, type Edit } from './edits.ts'
import type { JsonObject, Shape } from './shape.ts'
import { TouchedFields } from './touched-fields.ts'
import { viewOf } from './view.ts'
import { type Written, writeEdits } from './write.ts'

const host = testHost()

export class Peer {
  readonly shape: Shape & { kind: 'map' }
  readonly document: Document
  readonly touched = new TouchedFields(host)
  /** By hash, in causal order. */
  readonly changes = new Map<string, ParsedChange>()
  readonly #actors = new Set<string>()
  time = 0
  /** Of the schema that it writes with. */
  version = 1

  constructor(shape: Shape & { kind: 'map' }, n: number) {
    this.shape = shape
    this.document = new Document(`00${n.toString(16).padStart(32, '0')}`)
  }

  get view(): JsonObject {
    return viewOf(this.shape, this.document.read()).value
  }

  /** Makes the view this value. */
  assign(after: JsonObject): Written {
    return this.write(diffViews(this.shape, this.view, after))
  }

  write(edits: readonly Edit[]): Written {
    const written = writeEdits(this.document, edits, {
      record: 'things/1',
      incarnation: 0,
      host,
      time: this.time,
      version: this.version,
      knows: (actor) => this.#actors.has(actor),
    })
    for (const bytes of [...written.containers, ...written.own]) this.#remember(bytes)
    return written
  }

  /** Applies what the other has and this one lacks. */
  take(other: Peer): void {
    const fresh = [...other.changes].filter(([hash]) => !this.changes.has(hash))
    this.takeBytes(fresh.map(([, change]) => change.bytes))
  }

  takeBytes(changes: Uint8Array[]): void {
    if (changes.length > 0) this.document.apply(changes)
    for (const bytes of changes) this.#remember(bytes)
  }

  #remember(bytes: Uint8Array): void {
    const change = parseChange(bytes, host, defaultChangeLimits)
    this.changes.set(change.hashHex, change)
    this.#actors.add(change.actorHex)
  }
}

/** Runs `work` with so many peers of this shape, and frees them. */
export function withPeers<T>(
  shape: Shape & { kind: 'map' },
  count: number,
  work: (...peers: Peer[]) => T,
): T {
  const peers = Array.from({ length: count }, (_, i) => new Peer(shape, i + 1))
  try {
    return work(...peers)
  } finally {
    for (const peer of peers) peer.document.free()
  }
}
