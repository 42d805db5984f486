/** Writing one row: create, change, upsert, delete, each with what the ledger is told of it. */
import { parseExactly } from '../../exact-json.ts'
import type { LedgerOperation } from '../../ledger/entry.ts'
import { selectOf } from '../query/options.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import type { EntityType } from '../types/entity-type.ts'
import { toldRow } from '../types/told-row.ts'
import { checkedValues, guidOf, type Values } from '../types/values.ts'
import { type RowName, rowAt } from './address.ts'
import { assertCondition, etagOf, noSuchRow } from './conditions.ts'
import { type Ask, isExact, type Reply } from './endpoint.ts'
import { contextOf, tellingOf } from './reading.ts'

type Given = Readonly<Record<string, unknown>>
type Written = { row: Row; created: boolean }

/** A refusal that the ledger is told of. */
export class ToldRefusal extends Error {
  readonly refusal: Refusal
  readonly operation: LedgerOperation

  constructor(refusal: Refusal, operation: LedgerOperation) {
    super(refusal.message)
    this.refusal = refusal
    this.operation = operation
  }
}

export function createRow(ask: Ask, type: EntityType): Reply {
  const given = bodyOf(ask)
  const key = given[type.key]
  return written(ask, type, given, undefined, () => {
    const id = key === undefined || key === null ? undefined : guidOf(String(key))
    if (id === undefined && key !== undefined && key !== null)
      throw new Refusal('invalid-value', `'${String(key)}' is no key of ${type.name}.`, { target: type.key })
    return { row: ask.world.writer.insert(type, valuesOf(ask, type, given), { id }), created: true }
  })
}

export function changeRow(ask: Ask, type: EntityType, name: RowName): Reply {
  const { world, headers } = ask
  const given = bodyOf(ask)
  return written(ask, type, given, name, () => {
    const row = rowAt(world, type, name)
    assertCondition(world, type, row, headers)
    if (row) return { row: world.writer.update(type, row, valuesOf(ask, type, given)), created: false }
    if (!world.profile.upserts) throw noSuchRow(type)
    const values = valuesOf(ask, type, given)
    if (name.property === type.key)
      return { row: world.writer.insert(type, values, { id: name.value }), created: true }
    return { row: world.writer.insert(type, { ...values, [name.property]: name.value }), created: true }
  })
}

export function deleteRow(ask: Ask, type: EntityType, name: RowName): Reply {
  const { world, headers } = ask
  const reply = written(ask, type, {}, name, () => {
    const row = rowAt(world, type, name)
    assertCondition(world, type, row, headers)
    if (!row) throw noSuchRow(type)
    return { row: world.writer.remove(type, row), created: false }
  })
  const { operations = [] } = reply
  return { status: 204, operations: operations.map((one) => ({ ...one, status: 204 })) }
}

function written(
  ask: Ask,
  type: EntityType,
  given: Given,
  name: RowName | undefined,
  work: () => Written,
): Reply {
  const asked = { method: ask.method, type: type.set, fields: Object.keys(given) }
  const before = name && rowAt(ask.world, type, name)
  try {
    const { row, created } = work()
    const reply = replyOf(ask, type, row, created)
    const externalId = externalIdOf(type, row.fields)
    return {
      ...reply,
      operations: [{ ...asked, externalId, status: reply.status, committed: true, created }],
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status } = error.told(ask.world.profile.refusals, false)
    const externalId =
      externalIdOf(type, given) ??
      (name?.property === type.externalId ? name.value : externalIdOf(type, before?.fields ?? {}))
    throw new ToldRefusal(error, { ...asked, externalId, status, committed: false, created: false })
  }
}

/** The row, or only where it is, as the caller or else the profile wants it. */
function replyOf(ask: Ask, type: EntityType, row: Row, created: boolean): Reply {
  const { world, preferences, origin } = ask
  const { answersWith, root } = world.profile
  const wanted = preferences.get('return')
  const isTold =
    wanted === undefined ? answersWith[created ? 'create' : 'change'] === 'row' : wanted === 'representation'
  const address = `${origin}${root}/${type.set}(${row.id})`
  const etag = etagOf(world, row)
  const headers = {
    ...(etag !== undefined && { etag }),
    ...(created && { location: address }),
    ...(!isTold && { 'odata-entityid': address }),
    ...(wanted !== undefined && { 'preference-applied': `return=${wanted}` }),
  }
  if (!isTold) return { status: 204, headers }
  const telling = tellingOf(ask, selectOf(type, ask.query))
  const body = { '@odata.context': contextOf(ask, `${type.set}/$entity`), ...toldRow(type, row, telling) }
  return { status: created ? 201 : 200, headers, body }
}

function valuesOf({ headers }: Ask, type: EntityType, given: Given): Values {
  return checkedValues(type, given, isExact(headers.get('content-type')))
}

/** @throws Refusal bad-request, media-type */
export function bodyOf({ headers, text }: Pick<Ask, 'headers' | 'text'>): Given {
  const mediaType = headers.get('content-type') ?? ''
  if (!/^application\/json\b/i.test(mediaType))
    throw new Refusal('media-type', `'${mediaType}' cannot be read; send application/json.`)
  const given = parsed(text)
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Given
  throw new Refusal('bad-request', 'The body is no JSON object.')
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (cause) {
    throw new Refusal('bad-request', `The body is no JSON: ${String(cause)}`)
  }
}

/** What other systems know the row by. */
function externalIdOf({ externalId }: EntityType, fields: Given): string | null {
  const value = fields[externalId]
  return typeof value === 'string' ? value : null
}
