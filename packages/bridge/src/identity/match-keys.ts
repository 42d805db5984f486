/** By what a record or a row is looked up: hashes of the values that a rule compares, and for scored rules of their words (SPEC B-126). */
import { encodeUtf8, type Host, type Json, type JsonObject, toHex } from '@skerry/core'
import { canonical } from '../canonical.ts'
import { WORDS_PER_FIELD_MAX } from '../limits.ts'
import type { MatchConfig } from './identity-config.ts'
import { normalised, wordsOf } from './normalise.ts'

/** 96 bits: two different values share a key once in 10^14 records. */
const KEY_DIGITS = 24

type Hash = Pick<Host, 'sha256'>

/** Keys of a value by one rule; none when it says too little. */
export function keysBy({ sha256 }: Hash, rule: MatchConfig, place: number, value: JsonObject): string[] {
  const parts = rule.how === 'scored' ? wordParts(Object.keys(rule.fields), value) : wholeParts(rule, value)
  return parts.map((part) => toHex(sha256(encodeUtf8(`${place} ${part}`))).slice(0, KEY_DIGITS))
}

/** By all rules, none twice. */
export function keysOf(host: Hash, rules: readonly MatchConfig[], value: JsonObject): string[] {
  return [...new Set(rules.flatMap((rule, place) => keysBy(host, rule, place, value)))]
}

function wholeParts({ how, fields }: Exclude<MatchConfig, { how: 'scored' }>, value: JsonObject): string[] {
  const values = fields.map((field) => (how === 'exact' ? exact(value[field]) : normalised(value[field])))
  return values.includes('') ? [] : [JSON.stringify(values)]
}

function exact(value: Json | undefined): string {
  return value === undefined || value === null || value === '' ? '' : canonical(value)
}

function wordParts(fields: readonly string[], value: JsonObject): string[] {
  return fields.flatMap((field) => {
    const words = new Set(wordsOf(normalised(value[field])))
    return [...words].slice(0, WORDS_PER_FIELD_MAX).map((word) => JSON.stringify([field, word]))
  })
}
