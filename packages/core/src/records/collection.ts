/** A collection: the records of one schema, what channels they belong to, and what can be looked up quickly. */

import type * as z from 'zod'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import { pointerOf } from './pointer.ts'
import { type JsonObject, SchemaDefinitionError, type Shape, shapeOf } from './shape.ts'
import { type Migrations, Versions } from './versions.ts'

/**
 * What becomes of the entries of a record as they grow in number. `keep`: each stays as it was written. `entriesMax`: when a record has more, they become one snapshot
 * (compaction). Every change stays either way, with author and time, and so does every earlier value.
 */
export type History = 'keep' | { readonly entriesMax: number }

/** So many small entries are twelve times their snapshot (measured, replica/SPEC.md); fewer win little, and are each other's proof of who wrote what when. */
export const HISTORY_ENTRIES_MAX = 32

/** Milliseconds: a season away from the network. Whoever stays away longer keeps unsent edits of what was deleted meanwhile aside. */
export const DELETED_KEPT_MS = 90 * 86_400_000

export interface CollectionOptions<Value> {
  /**
   * The channels a record belongs to, from its value; called for every change on every replica, so it must depend on nothing else. Without it a
   * record belongs to the channel named like the collection.
   */
  channels?: (record: Value) => readonly string[]
  /** Top-level scalar fields that `where` can look up without reading the whole collection. */
  indexes?: readonly (keyof Value & string)[]
  /**
   * Counts up from 1 whenever the schema or `channels` change, because views that are stored were made with the former. Replicas of different versions sync with each other.
   */
  version?: number
  /** What changed, by the version it leads to, since version 1: `{ 2: [lens.rename('site', 'place')], 3: [lens.add('priority', 2)] }`. What was shipped stays as it is. */
  migrations?: Migrations
  /** Default `{ entriesMax: HISTORY_ENTRIES_MAX }`. */
  history?: History
  /**
   * Milliseconds for which the hub keeps the content of a deleted record, from when it heard of the deletion, by its clock; then a tombstone is left on every replica. Infinity: for ever.
   * Default DELETED_KEPT_MS.
   */
  deletedKeptMs?: number
}

export interface Collection<Value = unknown> {
  readonly name: string
  /** Of what this version shows. */
  readonly shape: Shape & { kind: 'map' }
  readonly versions: Versions
  readonly indexes: readonly string[]
  readonly history: History
  readonly deletedKeptMs: number
  channels(value: JsonObject): string[]
  /** The value with defaults filled in, or what is wrong with it. */
  parse(value: unknown): { value: JsonObject } | { issues: SchemaIssue[] }
  /** Only for the type system: what a record looks like to an app. */
  readonly type?: Value | undefined
}

export interface SchemaIssue {
  /** JSON pointer (RFC 6901); empty for the record as a whole. */
  path: string
  message: string
}

/** Ceiling for channels of one record: each one is an index row and a mark. */
export const CHANNELS_PER_RECORD_MAX = 64
/** Longest channel name, bytes of UTF-8 counted as code units; names travel in every want. */
export const CHANNEL_NAME_LENGTH_MAX = 200

const nameForm = /^[a-z][a-z0-9_]{0,62}$/

/** @throws SchemaDefinitionError for a bad name, a schema that cannot merge, an index on a field that is no scalar, or migrations that do not lead to the schema */
export function collection<Schema extends z.ZodObject>(
  name: string,
  schema: Schema,
  options: CollectionOptions<z.infer<Schema>> = {},
): Collection<z.infer<Schema>> {
  if (!nameForm.test(name))
    throw new SchemaDefinitionError(
      `collection '${name}': a name is lower-case letters, digits and _, at most 63`,
    )
  const shape = shapeOf(schema, name)
  if (shape.kind !== 'map')
    throw new SchemaDefinitionError(`collection '${name}': the schema must be z.object`)
  const indexes = options.indexes ?? []
  for (const field of indexes)
    if (shape.fields.get(field)?.kind !== 'scalar')
      throw new SchemaDefinitionError(
        `collection '${name}': index '${field}' is not a scalar field of the schema`,
      )
  return {
    name,
    shape,
    versions: new Versions(shape, options.version ?? 1, options.migrations ?? {}, `collection '${name}'`),
    indexes,
    history: checkedHistory(name, options.history ?? { entriesMax: HISTORY_ENTRIES_MAX }),
    deletedKeptMs: checkedMs(name, options.deletedKeptMs ?? DELETED_KEPT_MS),
    channels: (value) => channelsOf(name, options.channels, value as z.infer<Schema>),
    parse: (value) => parse(schema, options.channels, value),
  }
}

function checkedHistory(name: string, history: History): History {
  if (history !== 'keep' && !(Number.isSafeInteger(history.entriesMax) && history.entriesMax >= 1))
    throw new SchemaDefinitionError(
      `collection '${name}': history.entriesMax is ${history.entriesMax}; it is a whole number from 1, or history is 'keep'`,
    )
  return history
}

function checkedMs(name: string, deletedKeptMs: number): number {
  if (!(deletedKeptMs >= 0))
    throw new SchemaDefinitionError(
      `collection '${name}': deletedKeptMs is ${deletedKeptMs}; it is a number of milliseconds from 0`,
    )
  return deletedKeptMs
}

function channelsOf<Value>(
  name: string,
  channels: ((record: Value) => readonly string[]) | undefined,
  value: Value,
): string[] {
  if (!channels) return [name]
  return [...new Set(namesOf(channels, value).filter(isChannelName))].sort().slice(0, CHANNELS_PER_RECORD_MAX)
}

/** None where the function fails: a value from elsewhere may break what it expects, and such a record belongs to nobody until it is mended. */
function namesOf<Value>(channels: (record: Value) => readonly string[], value: Value): readonly unknown[] {
  try {
    const names: unknown = channels(value)
    return Array.isArray(names) ? names : []
  } catch {
    return []
  }
}

function isChannelName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '*' || name === SPACE_CHANNEL) return false
  return name.length > 0 && name.length <= CHANNEL_NAME_LENGTH_MAX
}

/** A record whose channels cannot be is nobody's, and would vanish from the device that wrote it: so that is an issue of its value. */
function channelIssues<Value>(
  channels: (record: Value) => readonly string[],
  value: Value,
): SchemaIssue | undefined {
  const names = namesOf(channels, value)
  const odd = names.filter((name) => !isChannelName(name))
  if (odd.length > 0)
    return {
      path: '',
      message: `it would be in the channel ${String(JSON.stringify(odd[0])).slice(0, 40)}: a channel's name is a text of 1 to ${CHANNEL_NAME_LENGTH_MAX} letters, and neither * nor ${SPACE_CHANNEL}`,
    }
  if (new Set(names).size <= CHANNELS_PER_RECORD_MAX) return undefined
  return { path: '', message: `it would be in ${names.length} channels, limit ${CHANNELS_PER_RECORD_MAX}` }
}

function parse<Value>(
  schema: z.ZodObject,
  channels: ((record: Value) => readonly string[]) | undefined,
  value: unknown,
): { value: JsonObject } | { issues: SchemaIssue[] } {
  const result = schema.safeParse(value)
  if (result.success) {
    const issue = channels && channelIssues(channels, result.data as Value)
    return issue ? { issues: [issue] } : { value: result.data as JsonObject }
  }
  return {
    issues: result.error.issues.map((issue) => ({
      path: pointerOf(issue.path),
      message: issue.message,
    })),
  }
}
