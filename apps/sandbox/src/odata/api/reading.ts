/** Reading: the service document, metadata, one row, and how many there are. */
import { fits } from '../query/compare.ts'
import { optionsOf, selectOf } from '../query/options.ts'
import type { EntityType } from '../types/entity-type.ts'
import { metadataOf } from '../types/metadata.ts'
import { type Telling, toldRow } from '../types/told-row.ts'
import { type RowName, rowAt } from './address.ts'
import { etagOf, isKnown, noSuchRow } from './conditions.ts'
import { type Ask, type Endpoint, isExact, type Reply } from './endpoint.ts'

export const serviceDocument: Endpoint = (ask) => {
  const value = [...ask.world.types.keys()].map((set) => ({ name: set, kind: 'EntitySet', url: set }))
  return { status: 200, body: { '@odata.context': contextOf(ask), value } }
}

export const metadata: Endpoint = ({ world }) => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  text: metadataOf(world.profile, world.types),
})

export function countRows(ask: Ask, type: EntityType): Reply {
  const compared = { type, foldsCase: ask.world.profile.foldsCase }
  const { filter } = optionsOf(compared, ask.query)
  const rows = ask.world.rows.living(type.set).filter((row) => !filter || fits(compared, filter, row))
  return { status: 200, headers: { 'content-type': 'text/plain' }, text: String(rows.length) }
}

export function readRow(ask: Ask, type: EntityType, name: RowName): Reply {
  const row = rowAt(ask.world, type, name)
  if (!row) throw noSuchRow(type)
  const etag = etagOf(ask.world, row)
  const headers = etag === undefined ? {} : { etag }
  if (isKnown(ask.world, row, ask.headers)) return { status: 304, headers }
  const context = contextOf(ask, `${type.set}/$entity`)
  const body = {
    '@odata.context': context,
    ...toldRow(type, row, tellingOf(ask, selectOf(type, ask.query))),
  }
  return { status: 200, headers, body }
}

export function tellingOf({ world, headers }: Ask, select: Telling['select']): Telling {
  const accept = headers.get('accept')
  const etags = world.settings.etags && !/odata\.metadata=none/i.test(accept ?? '')
  return { profile: world.profile, etags, select, exact: isExact(accept) }
}

export function contextOf({ world, origin }: Ask, part?: string): string {
  const place = part === undefined ? '' : `#${part}`
  return `${origin}${world.profile.root}/$metadata${place}`
}
