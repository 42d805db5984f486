/** Conditional requests: entity tags are compared weakly, as OData has them, and never ordered. */
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import type { EntityType } from '../types/entity-type.ts'
import type { ODataWorld } from '../world.ts'

export function etagOf({ profile, settings }: ODataWorld, row: Row): string | undefined {
  return settings.etags ? profile.etagOf(row.version) : undefined
}

/**
 * Throws when a write may not be made.
 * @param row as it is, undefined when there is none
 * @throws Refusal stale, exists, no-such-row, condition-missing
 */
export function assertCondition(
  world: ODataWorld,
  type: EntityType,
  row: Row | undefined,
  headers: Headers,
): void {
  const [ifMatch, ifNoneMatch] = [headers.get('if-match'), headers.get('if-none-match')]
  const { conditionRequired } = world.profile
  if (ifNoneMatch !== null && row && matches(world, ifNoneMatch, row))
    throw new Refusal('exists', `An entity of ${type.name} with this key exists.`)
  if (ifMatch !== null && !row) throw noSuchRow(type)
  if (ifMatch !== null && row && !matches(world, ifMatch, row))
    throw new Refusal('stale', `The entity is another one than ${ifMatch}; read it and decide again.`)
  if (conditionRequired && row && ifMatch === null && ifNoneMatch === null)
    throw new Refusal('condition-missing', 'A precondition is required: send If-Match.')
}

/** Whether a reader has what there is: 304. */
export function isKnown(world: ODataWorld, row: Row, headers: Headers): boolean {
  const ifNoneMatch = headers.get('if-none-match')
  return ifNoneMatch !== null && matches(world, ifNoneMatch, row)
}

export function noSuchRow(type: EntityType): Refusal {
  return new Refusal('no-such-row', `An entity of ${type.name} with this key does not exist.`)
}

function matches(world: ODataWorld, header: string, row: Row): boolean {
  const etag = etagOf(world, row)
  if (header.trim() === '*') return true
  return header.split(',').some((tag) => weak(tag.trim()) === (etag && weak(etag)))
}

function weak(tag: string): string {
  return tag.replace(/^W\//, '')
}
