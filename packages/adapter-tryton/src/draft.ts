/**
 * What a write means in Tryton's terms: values by field, commands for lines, a state to be reached (SPEC TR-11 to TR-13). Where a value stands for another row, the draft holds
 * a `Lookup` until that row is found.
 */
import { equalJson, type Json, type JsonObject } from '@skerry/core'
import { idOf, Lookup, type Resolved } from './lookups.ts'
import { linesAt, linesOf, type Raw, type ShownLine } from './rows.ts'
import type { Inner, LineShape, Shape } from './shape.ts'
import { encoded, Unfit } from './values.ts'

export type Drafted = Json | Lookup | readonly Drafted[] | { [name: string]: Drafted }

export interface Draft {
  values: Record<string, Drafted>
  /** What the workflow's field is to be. */
  status?: string
}

/** Whether the write is of more than the row itself, so that the row must be known. */
export function needsRow({ leaves, lines, config }: Shape, fields: JsonObject): boolean {
  return Object.keys(fields).some(
    (name) => lines.has(name) || leaves.get(name)?.at === 'line' || name === config.workflow?.field,
  )
}

/** @param row as it is now; absent: it is to be made @throws Unfit */
export function draftOf(shape: Shape, fields: JsonObject, row: Raw | undefined): Draft {
  const values: Record<string, Drafted> = {}
  const ofLines = new Map<string, Record<string, Drafted>>()
  let status: string | undefined
  for (const [name, value] of Object.entries(fields)) {
    const leaf = shape.leaves.get(name)
    const line = shape.lines.get(name)
    if (name === shape.config.workflow?.field) status = statusOf(name, value)
    else if (line) values[name] = lineCommands(line, value, row)
    else if (leaf?.at === 'line') {
      const inner = ofLines.get(leaf.via.name) ?? {}
      ofLines.set(leaf.via.name, { ...inner, ...written(leaf.of, value, name) })
    } else if (leaf) Object.assign(values, written(leaf, value, name))
    else throw new Unfit(name, `${shape.type}: '${name}' is not among the configured fields`)
  }
  for (const [name, inner] of ofLines) values[name] = firstLine(name, inner, row)
  return { values, ...(status !== undefined && { status }) }
}

/** Every row that must be found first. */
export function lookupsIn(drafted: Drafted): Lookup[] {
  if (drafted instanceof Lookup) return [drafted]
  if (typeof drafted !== 'object' || drafted === null) return []
  return Object.values(drafted).flatMap(lookupsIn)
}

/** @throws Unfit */
export function filled(drafted: Drafted, ids: Resolved): Json {
  if (drafted instanceof Lookup) return idOf(ids, drafted)
  if (typeof drafted !== 'object' || drafted === null) return drafted
  if (Array.isArray(drafted)) return drafted.map((one) => filled(one, ids))
  return Object.fromEntries(
    Object.entries(drafted as Record<string, Drafted>).map(([name, one]) => [name, filled(one, ids)]),
  )
}

function statusOf(name: string, value: Json): string {
  if (typeof value === 'string') return value
  throw new Unfit(name, `${name} is moved by buttons, and cannot be ${JSON.stringify(value)}`)
}

/** One field, as the row that has it takes it. */
function written(inner: Inner, value: Json, name: string): Record<string, Drafted> {
  if (inner.at === 'row') return { [inner.field.name]: encoded({ name, type: inner.field.type }, value) }
  return { [inner.via.name]: value === null ? null : new Lookup(inner, value) }
}

function firstLine(name: string, values: Record<string, Drafted>, row: Raw | undefined): Drafted {
  const [first] = row ? linesAt(row, name) : []
  if (first) return [['write', [first.id], values]]
  const isEmpty = Object.values(values).every((value) => value === null)
  return isEmpty ? [] : [['create', [values]]]
}

/** What leads from the lines there are to those wanted. */
function lineCommands(shape: LineShape, value: Json, row: Raw | undefined): Drafted {
  const wanted = wantedLines(shape, value)
  const there = new Map((row ? linesOf(row, shape) : []).map((line) => [line.key, line]))
  const made: Drafted[] = []
  const changed: Drafted[] = []
  for (const [key, line] of wanted) {
    const known = there.get(key)
    if (!known) made.push({ ...shape.config.onCreate, ...lineValues(shape, line) })
    else {
      const differing = differences(line, known)
      if (Object.keys(differing).length > 0)
        changed.push(['write', [known.raw.id], lineValues(shape, differing)])
    }
  }
  const gone = [...there.values()].filter(({ key }) => !wanted.has(key)).map(({ raw }) => raw.id)
  return [
    ...changed,
    ...(gone.length > 0 ? [['delete', gone]] : []),
    ...(made.length > 0 ? [['create', made]] : []),
  ]
}

function differences(wanted: JsonObject, { value }: ShownLine): JsonObject {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, one]) => !equalJson(one, value[name] ?? null)),
  )
}

function lineValues({ line, key, fields }: LineShape, wanted: JsonObject): Record<string, Drafted> {
  const values: Record<string, Drafted> = {}
  for (const [path, value] of Object.entries(wanted)) {
    const inner = path === key.path ? key : fields.get(path)
    const name = `${line.name}.${path}`
    if (!inner) throw new Unfit(name, `${name} is not among the configured fields`)
    Object.assign(values, written(inner, value, name))
  }
  return values
}

/** By key. @throws Unfit */
function wantedLines({ line, key }: LineShape, value: Json): Map<string, JsonObject> {
  const lines = new Map<string, JsonObject>()
  if (value !== null && !Array.isArray(value))
    throw new Unfit(
      line.name,
      `${line.name} wants a list of lines, and got ${JSON.stringify(value).slice(0, 200)}`,
    )
  for (const one of value ?? []) {
    const known = isObject(one) ? one[key.path] : undefined
    if (!isObject(one) || known === undefined || known === null || known === '')
      throw new Unfit(line.name, `${line.name}: each line wants its '${key.path}', and one has none`)
    if (lines.has(String(known)))
      throw new Unfit(line.name, `${line.name}: ${key.path} ${JSON.stringify(known)} stands there twice`)
    lines.set(String(known), one)
  }
  return lines
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
