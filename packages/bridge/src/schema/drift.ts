/** Whether a mapping may run under the system's schema: pure decisions, and what is kept to make them (SPEC B-190, B-191). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import type { FieldKind } from '../adapter-port.ts'
import { BridgeError } from '../bridge-error.ts'
import type { Mapping } from '../mapping.ts'
import { checkMapping, fieldNamed, isWritten } from './check-mapping.ts'
import { type Finding, isError } from './finding.ts'
import { isDescribed, type SystemSchema } from './read-schema.ts'
import { shapeAt, wantsOf } from './wants.ts'

/** A mapped field as it was when the mapping fitted last. */
interface SeenField {
  kind: FieldKind
  writable: boolean
}

/** Of one mapping, in the table `schema`. */
export interface SeenSchema {
  format: 1
  /** Names the mapping's configuration: another one is held against the schema afresh. */
  config: string
  /** When it fitted last, and its fields by external name; absent: never. */
  fits?: { at: number; fields: Record<string, SeenField> }
  paused?: { since: number; reasons: Finding[]; lacking?: Lacking }
}

/** A row that lacked a field which the schema has: until it shows it, or is gone, the mapping waits (SPEC B-193). */
export interface Lacking {
  row: string
  field: string
}

export function schemaKey({ collection, type }: Pick<Mapping, 'collection' | 'type'>): string {
  return `${collection.name}\n${type}`
}

/** @throws BridgeError damaged-table */
export function decodeSeen(key: string, bytes: Uint8Array): SeenSchema {
  try {
    const seen = JSON.parse(decodeUtf8(bytes) ?? '') as SeenSchema
    if (seen.format === 1) return seen
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  const mapping = key.replace('\n', ' ↔ ')
  throw new BridgeError(
    'damaged-table',
    `what is known of the schema of ${mapping} cannot be read; restore this node, or upgrade it`,
  )
}

export function encodeSeen(seen: SeenSchema): Uint8Array {
  return encodeUtf8(JSON.stringify(seen))
}

/** What the mapping is now held to. @param now milliseconds since 1970 */
export function judge(
  mapping: Mapping,
  {
    mappings,
    schema,
    seen,
    config,
    now,
  }: {
    mappings: readonly Mapping[]
    schema: SystemSchema
    seen: SeenSchema | undefined
    config: string
    now: number
  },
): SeenSchema {
  const known = seen?.config === config ? seen : undefined
  const reasons = [...misfits(mapping, mappings, schema), ...changes(mapping, schema, known)]
  if (reasons.length === 0)
    return { format: 1, config, fits: { at: now, fields: seenFields(mapping, schema) } }
  const since = known?.paused?.since ?? now
  return { format: 1, config, ...(known?.fits && { fits: known.fits }), paused: { since, reasons } }
}

/** What can only be refused is no reason: the system says so itself, of the writes that it is about, and an adapter may be wrong about it. */
const pausing: ReadonlySet<Finding['code']> = new Set(['unknown-type', 'unknown-field', 'wrong-kind'])

function misfits(mapping: Mapping, mappings: readonly Mapping[], schema: SystemSchema): Finding[] {
  return checkMapping(mapping, mappings, schema).filter((one) => isError(one) && pausing.has(one.code))
}

/** Of fields that are there still: another kind than they had, unless the mapping says that both fit; read-only, when they were not. Of paths: gone, when they were there. */
function changes(mapping: Mapping, schema: SystemSchema, seen: SeenSchema | undefined): Finding[] {
  const type = schema.get(mapping.type)
  if (!seen?.fits || !isDescribed(type)) return []
  const { fields: before } = seen.fits
  return mapping.fields.flatMap((field) =>
    field.row.flatMap((path): Finding[] => {
      const now = fieldNamed(type, path)
      const was = now ? before[now.name] : (before[path.text] ?? before[path.root])
      if (!was) return []
      const about = {
        level: 'error' as const,
        collection: mapping.collection.name,
        type: mapping.type,
        field: field.name,
        external: now?.name ?? path.text,
      }
      // Of a path that nobody has described ever it cannot be told (B-170); this one was.
      if (!now)
        return path.steps.length === 1
          ? []
          : [
              {
                ...about,
                code: 'unknown-field',
                message: `${mapping.type} had a field '${path.text}' and has none any more; change the mapping, or bring it back`,
              },
            ]
      const wants =
        field.row.length === 1 ? wantsOf(field, shapeAt(mapping.collection.shape, field)) : undefined
      if (now.kind !== was.kind && !wants)
        return [
          {
            ...about,
            code: 'wrong-kind',
            message: `'${now.name}' was of kind ${was.kind} and is of kind ${now.kind}; change the mapping, or change it back`,
          },
        ]
      if (isWritten(field) && was.writable && !now.writable)
        return [
          {
            ...about,
            code: 'read-only',
            message: `'${now.name}' could be written and cannot any more; map it with direction 'in', or change it back`,
          },
        ]
      return []
    }),
  )
}

function seenFields({ type, fields, rowDefaults }: Mapping, schema: SystemSchema): Record<string, SeenField> {
  const told = schema.get(type)
  if (!isDescribed(told)) return {}
  const roots = new Set([
    ...fields.flatMap(({ row }) => row.flatMap(({ root, text }) => [root, text])),
    ...Object.keys(rowDefaults),
  ])
  const seen = told.fields.filter(({ name }) => roots.has(name))
  return Object.fromEntries(seen.map(({ name, kind, writable }) => [name, { kind, writable }]))
}
