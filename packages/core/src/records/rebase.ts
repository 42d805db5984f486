/**
 * A page edits what it saw, and the record may have moved on since: its edit, told as what it was made on and what it became, is brought over to what the record is now. Three plain values in, one
 * out; no document and no engine, so that whoever holds the record can do it, wherever the edit was made.
 *
 *     base ──page──► wanted
 *      │
 *      └─others─► current          rebase: current, with what the page changed
 */
import { checkDraftKeys } from './draft.ts'
import { equalJson, own } from './edits.ts'
import { graphemesOf } from './graphemes.ts'
import { mergeSequence } from './rebase-sequence.ts'
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'

/**
 * What is no value of its shape is passed on as it was wanted, for the draft to be refused with its words.
 * @throws DraftError for `__proto__` at any depth, which would be lost on the way
 */
export function rebase(
  shape: Shape & { kind: 'map' },
  base: JsonObject,
  wanted: JsonObject,
  current: JsonObject,
): JsonObject {
  for (const value of [base, wanted]) checkDraftKeys(value)
  return rebaseMap((key) => shape.fields.get(key), base, wanted, current)
}

function rebaseMap(
  shapeOf: (key: string) => Shape | undefined,
  base: JsonObject,
  wanted: JsonObject,
  current: JsonObject,
): JsonObject {
  const merged: JsonObject = {}
  for (const key of new Set([current, wanted, base].flatMap(Object.keys))) {
    const value = rebaseField(shapeOf(key), own(base, key), own(wanted, key), own(current, key))
    if (value !== undefined) merged[key] = value
  }
  return merged
}

/** One field: undefined is its absence. */
export function rebaseField(
  shape: Shape | undefined,
  base: Json | undefined,
  wanted: Json | undefined,
  current: Json | undefined,
): Json | undefined {
  if (equalJson(wanted, base)) return current
  // Null in a field that merges is its absence.
  if (wanted === undefined || wanted === null || equalJson(current, base)) return wanted
  return mergeField(shape, base ?? undefined, wanted, current ?? undefined)
}

/** All three may differ. What is absent counts as empty. */
function mergeField(
  shape: Shape | undefined,
  base: Json | undefined,
  wanted: Json,
  current: Json | undefined,
): Json {
  switch (shape?.kind) {
    case 'counter':
      return areNumbers([base ?? 0, wanted, current ?? 0], (was, is, now) => now + (is - was)) ?? wanted
    case 'text':
      return areTexts([base ?? '', wanted, current ?? ''], mergeText) ?? wanted
    case 'list':
      return areLists([base ?? [], wanted, current ?? []], mergeSequence) ?? wanted
    case 'map':
      return rebaseObjects((key) => shape.fields.get(key), base, wanted, current)
    case 'dictionary':
      return rebaseObjects(() => shape.value, base, wanted, current)
    case 'keyed':
      return areLists([base ?? [], wanted, current ?? []], (...lists) => rebaseRows(shape, lists)) ?? wanted
    default:
      return wanted
  }
}

function rebaseObjects(
  shapeOf: (key: string) => Shape | undefined,
  base: Json = {},
  wanted: Json = {},
  current: Json = {},
): Json {
  if (isObject(base) && isObject(wanted) && isObject(current))
    return rebaseMap(shapeOf, base, wanted, current)
  return wanted
}

/**
 * By graphemes, as the engine merges: half of a letter is another one, or none. Where both wrote at one place the page's letters come first, as in the engine the newest does: they go on
 * from the letters before them, and whoever types does so one letter at a time.
 */
function mergeText(base: string, wanted: string, current: string): string {
  return mergeSequence(graphemesOf(base), graphemesOf(current), graphemesOf(wanted)).join('')
}

/** A row that either removed is gone, with what the other wrote into it. */
function rebaseRows({ key, row }: Shape & { kind: 'keyed' }, lists: readonly Json[][]): Json {
  const [base, wanted, current] = lists.map((list) => rowsByKey(key, list))
  if (!base || !wanted || !current) return lists[1]!
  const order = mergeSequence([...base.keys()], [...wanted.keys()], [...current.keys()])
  const isGone = (name: string) => base.has(name) && !(wanted.has(name) && current.has(name))
  const names = [...new Set(order)].filter((name) => !isGone(name))
  return names.map((name) => {
    const [was, is, now] = [base, wanted, current].map((rows) => rows.get(name))
    if (!is || !now) return (is ?? now)!
    return rebaseMap((field) => row.fields.get(field), was ?? {}, is, now)
  })
}

/** Undefined where a draft of it would be refused. */
function rowsByKey(key: string, list: readonly Json[]): Map<string, JsonObject> | undefined {
  const rows = new Map<string, JsonObject>()
  for (const item of list) {
    const name = isObject(item) ? own(item, key) : undefined
    if (!isObject(item) || typeof name !== 'string' || rows.has(name)) return undefined
    rows.set(name, item)
  }
  return rows
}

type Three<T> = [T, T, T]

function areNumbers(values: Three<Json>, merge: (...three: Three<number>) => number): number | undefined {
  return values.every((value) => typeof value === 'number') ? merge(...(values as Three<number>)) : undefined
}

function areTexts(values: Three<Json>, merge: (...three: Three<string>) => string): string | undefined {
  return values.every((value) => typeof value === 'string') ? merge(...(values as Three<string>)) : undefined
}

function areLists(values: Three<Json>, merge: (...three: Three<Json[]>) => Json): Json | undefined {
  return values.every(Array.isArray) ? merge(...(values as Three<Json[]>)) : undefined
}
