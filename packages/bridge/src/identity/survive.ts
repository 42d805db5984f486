/** What survives of two records that are the same thing, field by field, as a pure function (SPEC B-132). */
import type { Json, JsonObject } from '@skerry/core'
import type { MergeConfig, Surviving, Survivorship } from './identity-config.ts'

/** One of the two, with when each of its fields was last changed. */
export interface Side {
  record: string
  value: JsonObject
  hasRow: boolean
  changedAt(field: string): number | undefined
}

type Sides = readonly [survivor: Surviving, other: Surviving]

/** @throws whatever a rule that is a function throws */
export function survive(survivor: Side, other: Side, { fields = {} }: MergeConfig): JsonObject {
  const golden: JsonObject = {}
  for (const field of Object.keys({ ...survivor.value, ...other.value })) {
    const sides: Sides = [surviving(survivor, field), surviving(other, field)]
    const value = survivingValue(fields[field] ?? 'non-empty', sides)
    if (value !== undefined) golden[field] = value
  }
  return golden
}

function surviving({ record, value, hasRow, changedAt }: Side, field: string): Surviving {
  return { record, value: value[field], changedAt: changedAt(field), hasRow }
}

function survivingValue(rule: Survivorship, sides: Sides): Json | undefined {
  if (typeof rule === 'function') return rule(sides)
  const [survivor, other] = sides
  if (isEmpty(other.value)) return survivor.value
  if (isEmpty(survivor.value)) return other.value
  return isBetter(rule, other, survivor) ? other.value : survivor.value
}

/** Ties go to the survivor. */
function isBetter(
  rule: Exclude<Survivorship, (...args: never) => unknown>,
  other: Surviving,
  survivor: Surviving,
): boolean {
  switch (rule) {
    case 'most-recent':
      return (other.changedAt ?? Number.NEGATIVE_INFINITY) > (survivor.changedAt ?? Number.NEGATIVE_INFINITY)
    case 'longest':
      return lengthOf(other.value) > lengthOf(survivor.value)
    case 'that-side':
      return other.hasRow && !survivor.hasRow
    case 'non-empty':
      return false
  }
}

function isEmpty(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === undefined || value === null || value === ''
}

function lengthOf(value: Json | undefined): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return JSON.stringify(value ?? '').length
}
