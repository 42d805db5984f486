/** Addresses below the service: a set, a row of it by its key or an alternate one. */
import type { Profile } from '../profiles/profile.ts'
import { tokensOf, unquoted } from '../query/tokens.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import type { EntityType } from '../types/entity-type.ts'
import { guidOf } from '../types/values.ts'
import { type ODataWorld, typeOf } from '../world.ts'

export type Address =
  | { kind: 'service' | 'metadata' | 'batch' }
  | { kind: 'set' | 'count'; type: EntityType }
  | { kind: 'row'; type: EntityType; name: RowName }

/** By which property a row is named, and its value. */
export type RowName = { property: string; value: string }

/** @throws Refusal no-such-set, bad-request */
export function addressOf(world: ODataWorld, path: string): Address {
  const [place = ''] = path.split('?', 1)
  const parts = place.split('/').filter((part) => part !== '')
  const [first = '', second, ...rest] = parts.map(decoded)
  if (first === '') return { kind: 'service' }
  if (second === undefined && first === '$metadata') return { kind: 'metadata' }
  if (second === undefined && first === '$batch') return { kind: 'batch' }
  const [, set = '', key] = /^(\w+)(?:\((.*)\))?$/s.exec(first) ?? []
  const type = typeOf(world, set)
  if (rest.length > 0 || (second !== undefined && (second !== '$count' || key !== undefined)))
    throw new Refusal('no-such-set', `Resource not found for the segment '${second}'.`)
  if (second === '$count') return { kind: 'count', type }
  return key === undefined
    ? { kind: 'set', type }
    : { kind: 'row', type, name: nameOf(world.profile, type, key) }
}

/** A row that lives, and is seen. */
export function rowAt({ rows, writer }: ODataWorld, type: EntityType, name: RowName): Row | undefined {
  const row =
    name.property === type.key
      ? rows.byId(type.set, name.value)
      : rows.byKey(type.set, name.property, writer.compared(name.value))
  return row && !row.deleted && !row.hidden ? row : undefined
}

function nameOf({ alternateKeys, unaddressable }: Profile, type: EntityType, text: string): RowName {
  const [first, sign, value, ...rest] = tokensOf(text)
  if (first?.kind === 'guid' && sign === undefined) return { property: type.key, value: keyOf(first.text) }
  const isNamed = first?.kind === 'name' && sign?.text === '=' && value !== undefined && rest.length === 0
  if (isNamed && first.text === type.key && value.kind === 'guid')
    return { property: type.key, value: keyOf(value.text) }
  if (isNamed && alternateKeys && first.text === type.externalId && value.kind === 'string') {
    if (unaddressable?.test(value.text)) throw new Refusal('bad-request', 'Error in query syntax.')
    return { property: type.externalId, value: unquoted(value.text) }
  }
  throw new Refusal('bad-request', `'${text}' is no key of ${type.set}.`)
}

function keyOf(text: string): string {
  return guidOf(text) ?? ''
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal('bad-request', `'${part}' is no part of an address.`)
  }
}
