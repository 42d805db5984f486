/** Queries, page by page. */
import { queryRowsMax, queryRowsMin } from '../limits.ts'
import { toldRow } from '../rows/told-row.ts'
import type { Page } from '../soql/run.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'

export const runQuery: Endpoint = (ask) => firstPage(ask, false)
/** With deleted rows. */
export const runQueryAll: Endpoint = (ask) => firstPage(ask, true)

/** `01g…-2000`: the locator, and how many rows were told before. */
export const furtherPage: Endpoint = (ask) => {
  const [locator = '', at = ''] = ask.param('locator').split('-')
  return pageReply(ask, ask.world.queries.further(locator, Number(at), pageSize(ask)))
}

function firstPage(ask: Ask, all: boolean): Reply {
  const { queries } = ask.world
  return pageReply(ask, queries.first(queries.read(ask.query.get('q') ?? '', all), pageSize(ask)))
}

function pageReply({ base }: Ask, { type, query, rows, total, next }: Page): Reply {
  const nextRecordsUrl = next && `${base}/query/${next.locator}-${next.at}`
  const records = rows.map((row) => toldRow(type, row, query.fields, base))
  return {
    status: 200,
    body: { totalSize: total, done: !next, ...(nextRecordsUrl && { nextRecordsUrl }), records },
  }
}

/** `Sforce-Query-Options: batchSize=500` */
function pageSize({ headers }: Ask): number {
  const asked = /batchSize=(\d{1,5})/i.exec(headers.get('sforce-query-options') ?? '')?.[1]
  return asked === undefined ? queryRowsMax : Math.min(queryRowsMax, Math.max(queryRowsMin, Number(asked)))
}
