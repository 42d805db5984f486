/**
 * A lens at work on plain values: from a version's value to the next one's, and back. Values are never changed in place. Going back, a step is given the value as it was on both sides, and
 * what the change left alone stays as it was stored, to the letter.
 *
 * What an app's functions throw, or give that does not fit, must not break a view: a document holds whatever somebody wrote. Such a field is absent.
 */
import { DraftError, equalJson, own } from './edits.ts'
import { copyJson } from './json-copy.ts'
import type { Convert, Replace } from './lens.ts'
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'

export interface Step {
  /** Makes the newer value of the older one in its place. */
  forward(at: JsonObject): void
  /** `after` is what the newer value shall be, `now` what it is, `was` what the older one is. All empty for what is new. */
  backward(after: JsonObject, now: JsonObject, was: JsonObject, how: Putting): JsonObject
}

export interface Putting {
  /** What is written is new: it leaves what older versions need. */
  isNew: boolean
  /** What cannot be kept is refused (an app's draft) or left as it was (a mend, an edit set aside). */
  unknown: 'refuse' | 'leave'
}

/** Fields come in order of their names, as in every view. */
export function forwardAll(steps: readonly Step[], old: JsonObject): JsonObject {
  if (steps.length === 0) return old
  const at = { ...old }
  for (const step of steps) step.forward(at)
  const view: JsonObject = {}
  for (const field of Object.keys(at).sort()) view[field] = at[field]!
  return view
}

/** What is to be stored so that `after` is shown. `stored` is undefined for what is new. */
export function backwardAll(
  steps: readonly Step[],
  after: JsonObject,
  stored: JsonObject | undefined,
  unknown: Putting['unknown'],
): JsonObject {
  const states: JsonObject[] = [stored ?? {}]
  for (const step of steps) states.push(stored ? stepped(step, states.at(-1)!) : {})
  let at = after
  for (let i = steps.length - 1; i >= 0; i--)
    at = steps[i]!.backward(at, states[i + 1]!, states[i]!, { isNew: !stored, unknown })
  return at
}

function stepped(step: Step, old: JsonObject): JsonObject {
  const at = { ...old }
  step.forward(at)
  return at
}

export function renameStep(from: string, to: string): Step {
  return {
    forward(at) {
      setField(at, to, own(at, from))
      delete at[from]
    },
    backward: (after) => withField(without(after, [from, to]), from, own(after, to)),
  }
}

/** `key` is where the field is stored: another one than its name where that was a field's name before. */
export function addStep(field: string, key: string, value: Json | undefined): Step {
  return {
    forward(at) {
      setField(at, field, Object.hasOwn(at, key) ? at[key] : beginning(value))
      if (key !== field) delete at[key]
    },
    backward(after, now, was, { unknown }) {
      const rest = without(after, [key, field])
      if (equalJson(own(after, field), own(now, field))) return withField(rest, key, own(was, key))
      if (own(after, field) === undefined && value !== undefined && unknown === 'refuse')
        throw new DraftError(
          `${field}: without a value it would show ${JSON.stringify(value)} again, which records show that lack it; give it a value`,
        )
      return withField(rest, key, own(after, field))
    },
  }
}

export function removeStep(field: string, left: Json | undefined): Step {
  return {
    forward(at) {
      delete at[field]
    },
    backward: (after, _now, was, { isNew }) =>
      withField(without(after, [field]), field, isNew ? left : own(was, field)),
  }
}

/** `shape` is what the field is in the newer version. */
export function convertStep(lens: Convert, shape: Shape): Step {
  const { field } = lens
  const read = (old: Json | undefined) =>
    old === undefined ? undefined : fitting(shape, () => lens.forward(copyJson(old)))
  return {
    forward(at) {
      setField(at, field, read(own(at, field)))
    },
    backward(after, now, was) {
      const value = own(after, field)
      const rest = without(after, [field])
      if (equalJson(value, own(now, field))) return withField(rest, field, own(was, field))
      if (value === undefined) return rest
      const stored = written(field, () => lens.backward(copyJson(value), copied(own(was, field))))
      if (!equalJson(read(stored), value))
        throw new DraftError(
          `${field}: ${JSON.stringify(value)} cannot be kept in the form of an older version; it would be read as ${JSON.stringify(read(stored))}`,
        )
      return withField(rest, field, stored)
    },
  }
}

/** `keys` are where the new fields are stored, `shapes` what they are, in the order of the lens. */
export function replaceStep(lens: Replace, keys: readonly string[], shapes: readonly Shape[]): Step {
  const old = [...lens.was.keys()]
  const stored = (at: JsonObject) => lens.now.map((_, i) => own(at, keys[i]!))
  const named = (values: readonly (Json | undefined)[]) => objectOf(lens.now, values)
  const read = (before: JsonObject, now: JsonObject | undefined) => {
    const shown = attempt(() => lens.forward(copyJson(before), copied(now))) ?? {}
    return objectOf(
      lens.now,
      lens.now.map((field, i) => fitting(shapes[i]!, () => own(shown, field))),
    )
  }
  const isAgreed = (before: JsonObject, now: JsonObject) =>
    Object.keys(now).length > 0 &&
    equalJson(pick(attempt(() => lens.backward(copyJson(now), copyJson(before))) ?? {}, old), before)
  return {
    forward(at) {
      const before = pick(at, old)
      const now = named(stored(at))
      const shown = isAgreed(before, now) ? now : read(before, Object.keys(now).length > 0 ? now : undefined)
      for (const field of [...old, ...keys]) delete at[field]
      for (const field of lens.now) setField(at, field, own(shown, field))
    },
    backward(after, now, was) {
      const value = pick(after, lens.now)
      const rest = without(after, [...old, ...keys, ...lens.now])
      if (equalJson(value, pick(now, lens.now))) return { ...rest, ...pick(was, [...old, ...keys]) }
      const where = lens.now.join(', ')
      const before = pick(
        written(where, () => lens.backward(copyJson(value), copyJson(pick(was, old)))) ?? {},
        old,
      )
      if (
        !equalJson(
          pick(written(where, () => lens.backward(copyJson(value), copyJson(before))) ?? {}, old),
          before,
        )
      )
        throw new DraftError(
          `${where}: the migration's backward gives another old value when it is asked again; it has to give what it gave`,
        )
      const kept = objectOf(
        keys,
        lens.now.map((field) => own(value, field)),
      )
      return { ...rest, ...before, ...kept }
    },
  }
}

/** Rows of a keyed list are known by their key, values of a dictionary by theirs. */
export function withinStep(field: string, shape: Shape, steps: readonly Step[]): Step {
  const read = (value: Json | undefined): Json | undefined => {
    if (shape.kind === 'keyed') return Array.isArray(value) ? value.map(inRow) : value
    if (!isObject(value)) return value
    if (shape.kind === 'map') return forwardAll(steps, value)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inRow(one)]))
  }
  const inRow = (row: Json) => (isObject(row) ? forwardAll(steps, row) : row)
  const write = (value: Json | undefined, was: Json | undefined, unknown: Putting['unknown']) => {
    const put = (one: Json, before: Json | undefined) =>
      isObject(one) ? backwardAll(steps, one, isObject(before) ? before : undefined, unknown) : one
    if (shape.kind === 'map') return value === undefined ? undefined : put(value, was)
    if (shape.kind === 'keyed') {
      const rows = new Map(
        (Array.isArray(was) ? was : []).flatMap((row) => (isObject(row) ? [[row[shape.key], row]] : [])),
      )
      return Array.isArray(value)
        ? value.map((row) => put(row, isObject(row) ? rows.get(row[shape.key]) : undefined))
        : value
    }
    const before = isObject(was) ? was : {}
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, put(one, own(before, key))]))
      : value
  }
  return {
    forward(at) {
      setField(at, field, read(own(at, field)))
    },
    backward: (after, now, was, { unknown }) => {
      const rest = without(after, [field])
      const stays = equalJson(own(after, field), own(now, field))
      return withField(
        rest,
        field,
        stays ? own(was, field) : write(own(after, field), own(was, field), unknown),
      )
    },
  }
}

/** What merges begins empty, and each record has its own. */
function beginning(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return []
  return isObject(value) ? {} : value
}

/** An app's function may change what it is given. */
function copied<T extends Json>(value: T | undefined): T | undefined {
  return value === undefined ? undefined : copyJson(value)
}

function without(at: JsonObject, fields: readonly string[]): JsonObject {
  if (!fields.some((field) => Object.hasOwn(at, field))) return at
  return Object.fromEntries(Object.entries(at).filter(([key]) => !fields.includes(key)))
}

function setField(at: JsonObject, field: string, value: Json | undefined): void {
  if (value === undefined) delete at[field]
  else at[field] = value
}

function withField(at: JsonObject, field: string, value: Json | undefined): JsonObject {
  return value === undefined ? at : { ...at, [field]: value }
}

function pick(at: JsonObject, fields: readonly string[]): JsonObject {
  return objectOf(
    fields,
    fields.map((field) => own(at, field)),
  )
}

function objectOf(fields: readonly string[], values: readonly (Json | undefined)[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap((field, i) => (values[i] === undefined ? [] : [[field, values[i]]])),
  )
}

/** An app's function on what a document holds, which may be anything. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** An app's function on what that app wants to write. @throws DraftError */
function written<T>(field: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new DraftError(
      `${field}: the migration's backward failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

function fitting(shape: Shape, run: () => Json | undefined): Json | undefined {
  const value = attempt(run)
  return value !== undefined && fits(shape, value) ? value : undefined
}

function fits(shape: Shape, value: Json): boolean {
  switch (shape.kind) {
    case 'scalar':
      return typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object' || value === null
    case 'text':
      return typeof value === 'string'
    case 'counter':
      return Number.isSafeInteger(value)
    case 'map':
    case 'dictionary':
      return isObject(value)
    case 'list':
    case 'keyed':
      return Array.isArray(value)
  }
}
