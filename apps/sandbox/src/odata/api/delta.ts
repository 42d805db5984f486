/** Changes since a delta link: rows as they are now, and what was deleted. Links end after a time. */
import { selectOf } from '../query/options.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import type { EntityType } from '../types/entity-type.ts'
import { toldRow } from '../types/told-row.ts'
import type { Ask, Reply } from './endpoint.ts'
import { linkOf, pageRowsOf, readToken, writeToken } from './links.ts'
import { contextOf, tellingOf } from './reading.ts'

type Token = {
  kind: 'delta'
  /** Changes after this version. */
  since: number
  /** Milliseconds since 1970. */
  madeAt: number
}

export function deltaLink(ask: Ask, type: EntityType, since: number): string {
  const token: Token = { kind: 'delta', since, madeAt: ask.world.clock.now() }
  return linkOf(ask, type, { $deltatoken: writeToken(token) })
}

/** @throws Refusal delta-expired, bad-query */
export function changedRows(ask: Ask, type: EntityType, word: string): Reply {
  const { world } = ask
  const token = readToken<Token>(word, 'delta')
  if (!token || world.profile.delta === null) throw new Refusal('bad-query', 'The $deltatoken is malformed.')
  const { since, madeAt } = token
  if (madeAt + world.settings.deltaKeptMs <= world.clock.now() || since < world.deltas.forgottenUpTo)
    throw new Refusal('delta-expired', 'The delta link has ended; read everything again.', {
      headers: { location: linkOf({ ...ask, query: withoutWords(ask.query) }, type, {}) },
    })
  const most = pageRowsOf(ask)
  const found = world.rows.since(type.set, since, most + 1)
  const rows = found.slice(0, most)
  const isLast = found.length <= most
  const telling = tellingOf(ask, selectOf(type, ask.query))
  const end = deltaLink(ask, type, rows.at(-1)?.version ?? since)
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(ask, `${type.set}/$delta`),
      value: rows.map((row) => (row.deleted ? deletedRow(ask, type, row) : toldRow(type, row, telling))),
      [isLast ? '@odata.deltaLink' : '@odata.nextLink']: end,
    },
  }
}

function deletedRow(ask: Ask, { set, key }: EntityType, { id }: Row): object {
  if (ask.world.profile.delta === 'removed')
    return { '@removed': { reason: 'deleted' }, '@odata.id': `${set}(${id})`, [key]: id }
  return { '@odata.context': contextOf(ask, `${set}/$deletedEntity`), id, reason: 'deleted' }
}

function withoutWords(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query)
  rest.delete('$deltatoken')
  return rest
}
