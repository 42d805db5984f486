/**
 * The actor of an import: the same wherever the import is made (W-16), and by its first bytes that of its system, so that everybody who has the record can tell which system gave a value,
 * and whether the row said it or a rule made it of what both sides said.
 *
 *     02 │ 4 bytes: the system's name, row or decision │ 12 bytes: external id and version, what is said, time, heads of the fork, schema version
 *
 * What is said is part of it: two nodes whose mappings differ make two changes that merge, and never two under one sequence, which would be refused for ever.
 */
import { fromHex, toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { actorKind } from '../change/actors.ts'
import type { Host } from '../host.ts'
import type { Json, JsonObject } from '../records/shape.ts'

type Hash = Pick<Host, 'sha256'>

/** Systems of one space are a handful: two of them share their first 4 bytes of a hash once in a hundred million spaces. */
const SYSTEM_BYTES = 4
/** Bytes that tell imports of one system apart: as unlikely to meet as change hashes are needed to be within one record. */
const IMPORT_BYTES = 12
/** Hex digits of the kind that every actor begins with. */
const KIND_DIGITS = 2

export interface ImportSource {
  system: string
  /** Made of both sides by a rule, and not what the row says. */
  decided: boolean
  externalId: string
  externalVersion: string
  value: JsonObject
  deleted: boolean | undefined
  /** Seconds since 1970; 0 when the system does not say. */
  time: number
  /** Of the fork that the import is made on; none for a first one. */
  heads: readonly string[]
  /** Nodes of two versions write different bytes, and so must not share an actor. */
  schemaVersion: number
}

export function importActor(host: Hash, source: ImportSource): string {
  const { system, decided, externalId, externalVersion, value, deleted, time, heads, schemaVersion } = source
  const writer = new ByteWriter(256)
    .string('skerry/import/2')
    .string(externalId)
    .string(externalVersion)
    .string(JSON.stringify([sorted(value), deleted ?? null]))
    .varint(time)
    .varint(schemaVersion)
  for (const head of heads) writer.raw(fromHex(head))
  return `02${systemMark(host, system, decided)}${toHex(host.sha256(writer.finish()).subarray(0, IMPORT_BYTES))}`
}

export interface Giver {
  system: string
  decided: boolean
}

/** Which of these systems an actor imports from; undefined for none of them, and for actors of another kind. */
export function importedFrom(host: Hash, actor: string, systems: readonly string[]): Giver | undefined {
  if (actorKind(actor) !== 'import') return undefined
  for (const system of systems)
    for (const decided of [false, true])
      if (actor.startsWith(systemMark(host, system, decided), KIND_DIGITS)) return { system, decided }
  return undefined
}

/** Objects are built in any order of their fields. */
function sorted(value: JsonObject): [string, Json][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

function systemMark(host: Hash, system: string, decided: boolean): string {
  const name = `skerry/${decided ? 'decided' : 'system'}/${system}`
  return toHex(host.sha256(encodeUtf8(name)).subarray(0, SYSTEM_BYTES))
}
