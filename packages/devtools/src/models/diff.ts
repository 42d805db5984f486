/** What differs between two values of a record, field by field, for people. It says nothing of how it was changed: that is in the history. */
import { equalJson, isObject, type Json, type JsonObject } from '@skerry/core'

export interface Difference {
  path: readonly string[]
  /** Undefined: it was not there. */
  before: Json | undefined
  /** Undefined: it is gone. */
  after: Json | undefined
}

/** In the order of the fields, those of `before` first. A record that is not there has no fields. */
export function differences(before: JsonObject | undefined, after: JsonObject | undefined): Difference[] {
  return differencesAt([], before ?? {}, after ?? {})
}

function differencesAt(
  path: readonly string[],
  before: Json | undefined,
  after: Json | undefined,
): Difference[] {
  if (equalJson(before, after)) return []
  const [old, young] = [childrenOf(before), childrenOf(after)]
  if (!old || !young || Array.isArray(before) !== Array.isArray(after)) return [{ path, before, after }]
  const names = new Set([...old.keys(), ...young.keys()])
  return [...names].flatMap((name) => differencesAt([...path, name], old.get(name), young.get(name)))
}

function childrenOf(value: Json | undefined): Map<string, Json> | undefined {
  if (Array.isArray(value)) return new Map(value.map((one, i) => [String(i), one]))
  return isObject(value) ? new Map(Object.entries(value)) : undefined
}

/** Two texts as what they share at either end, and what differs between. */
export interface TextDifference {
  head: string
  removed: string
  added: string
  tail: string
}

export function textDifference(before: string, after: string): TextDifference {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return {
    head: before.slice(0, start),
    removed: before.slice(start, before.length - end),
    added: after.slice(start, after.length - end),
    tail: before.slice(before.length - end),
  }
}
