/** Rows as the server tells them, made into rows of the port: values by path, lines by key, a version, a time (SPEC TR-20, TR-22, TR-23). */
import { createHash } from 'node:crypto'
import type { ExternalRow, ListedRow } from '@skerry/bridge'
import type { Json, JsonObject } from '@skerry/core'
import { DIGEST_DIGITS } from './limits.ts'
import type { Inner, Leaf, LineShape, Shape } from './shape.ts'
import { decoded } from './values.ts'

/** As `search_read` gives it: what a many2one leads to is nested under its name and a dot, the lines of a one2many likewise. */
export interface Raw extends Record<string, unknown> {
  id: number
  _timestamp: string
}

/** What must be asked for, so that `rowOf` has what it needs. */
export function rowFields(shape: Shape): string[] {
  const lines = [...shape.lines.values()].flatMap(({ line, key, fields }) =>
    [key, ...fields.values()].map(({ path }) => `${line.name}.${path}`),
  )
  const people = ['write_uid.rec_name', 'create_uid.rec_name']
  return [...new Set([...listedFields(shape), ...shape.leaves.keys(), ...lines, ...people])]
}

/** The same, of `listedRowOf`. */
export function listedFields({ config, hasActive, leaves, lineModels }: Shape): string[] {
  const stamps = lineModels.map(({ name }) => `${name}._timestamp`)
  const references = [...leaves.values()].filter(throughOthers).map(({ path }) => path)
  const key = config.key === undefined ? [] : [config.key]
  return [...(hasActive ? ['active'] : []), ...key, ...stamps, ...references]
}

export function rowOf(shape: Shape, raw: Raw): ExternalRow {
  const { type, leaves, lines } = shape
  const value: JsonObject = {}
  for (const [path, leaf] of leaves) value[path] = valueAt(raw, leaf)
  for (const [name, line] of lines) value[name] = linesOf(raw, line).map(({ value: shown }) => shown)
  return {
    type,
    ...namedOf(shape, raw),
    version: versionOf(shape, raw),
    modifiedAt: Math.max(...stampsOf(shape, raw).map((stamp) => Math.round(Number(stamp) * 1000))),
    modifiedBy: personOf(raw['write_uid.']) ?? personOf(raw['create_uid.']),
    deleted: isDeleted(shape, raw),
    value,
  }
}

export function listedRowOf(shape: Shape, raw: Raw): ListedRow {
  return { ...namedOf(shape, raw), version: versionOf(shape, raw), deleted: isDeleted(shape, raw) }
}

/** A row that is not there any more, as far as that can be told. */
export function goneRow(type: string, id: string, externalId: string | undefined): ExternalRow {
  return { type, id, externalId, version: 'gone', deleted: true, value: {} }
}

/** The row's own stamp, as a write must name it. */
export function stampOf(version: string): string {
  return version.split('~', 1)[0] ?? ''
}

function valueAt(raw: Raw, leaf: Leaf): Json {
  if (leaf.at !== 'line') return innerValue(raw, leaf)
  const [first] = linesAt(raw, leaf.via.name)
  return first ? innerValue(first, leaf.of) : null
}

/** Lines of a one2many in the server's order; those that are not active are not among them. */
export function linesAt(raw: Raw, name: string): Raw[] {
  return (raw[`${name}.`] as Raw[] | undefined) ?? []
}

export interface ShownLine {
  raw: Raw
  key: string
  value: JsonObject
}

/** The lines that have a key. */
export function linesOf(raw: Raw, { line, key, fields }: LineShape): ShownLine[] {
  return linesAt(raw, line.name).flatMap((one) => {
    const known = innerValue(one, key)
    if (known === null || known === '') return []
    const value: JsonObject = { [key.path]: known }
    for (const [path, inner] of fields) value[path] = innerValue(one, inner)
    return [{ raw: one, key: String(known), value }]
  })
}

function innerValue(raw: Raw, inner: Inner): Json {
  const value = plainValue(raw, inner.path)
  return inner.at === 'row' ? (asIds[inner.field.type]?.(value) ?? value) : value
}

/** What stands at the end of a path through many2ones. */
export function plainValue(raw: Raw, path: string): Json {
  let at: Record<string, unknown> | null | undefined = raw
  const parts = path.split('.')
  const last = parts.pop() ?? ''
  for (const part of parts) at = at?.[`${part}.`] as typeof at
  return decoded(at?.[last])
}

/** Ids are texts in a row. */
const asIds: Readonly<Record<string, (value: Json) => Json>> = {
  many2one: (value) => (value === null ? null : String(value)),
  one2many: (value) => (Array.isArray(value) ? value.map(String) : null),
  many2many: (value) => (Array.isArray(value) ? value.map(String).sort() : null),
}

function namedOf({ config }: Shape, raw: Raw): { id: string; externalId: string | undefined } {
  const key = config.key === undefined ? undefined : raw[config.key]
  return { id: String(raw.id), externalId: typeof key === 'string' && key !== '' ? key : undefined }
}

/** The stamp; with a digest where it is not all that a row shows. */
function versionOf(shape: Shape, raw: Raw): string {
  const others = [...shape.leaves.values()].filter(throughOthers)
  if (others.length === 0 && shape.lineModels.length === 0) return raw._timestamp
  const lines = shape.lineModels.map(({ name }) =>
    linesAt(raw, name).map(({ id, _timestamp }) => [id, _timestamp]),
  )
  const text = JSON.stringify([lines, others.map((leaf) => valueAt(raw, leaf))])
  return `${raw._timestamp}~${createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS)}`
}

/** Its value changes without a stamp of this row or its lines. */
function throughOthers(leaf: Leaf): boolean {
  return leaf.at === 'reference' || (leaf.at === 'line' && leaf.of.at === 'reference')
}

function stampsOf({ lineModels }: Shape, raw: Raw): string[] {
  return [
    raw._timestamp,
    ...lineModels.flatMap(({ name }) => linesAt(raw, name).map((line) => line._timestamp)),
  ]
}

export function isDeleted({ config }: Shape, raw: Raw): boolean {
  return config.deactivates && !raw.active
}

function personOf(user: unknown): string | undefined {
  const name = (user as { rec_name?: unknown } | null | undefined)?.rec_name
  return typeof name === 'string' ? name : undefined
}
