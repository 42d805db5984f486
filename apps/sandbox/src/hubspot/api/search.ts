/** `POST .../search`: what the index knows, which is not what was just written. */
import { toldRow } from '../rows/told-row.ts'
import { questionOf, searchSchema } from '../search/question.ts'
import { bodyAs, type Endpoint } from './endpoint.ts'

export const searchRows: Endpoint = (ask) => {
  const { world, param } = ask
  const type = world.writer.type(param('type'))
  const search = bodyAs(ask, searchSchema)
  const question = questionOf(type, search, world.settings.searchResults)
  const { total, rows } = world.index.ask(type.name, question)
  const end = question.offset + rows.length
  const results = rows.map(({ id, modifiedAt, values }) => {
    const createdAt = Date.parse(values.createdate ?? '')
    return toldRow(
      type,
      { id, createdAt, modifiedAt, archivedAt: null, properties: values },
      search.properties,
    )
  })
  const paging = { next: { after: String(end), link: `?after=${end}` } }
  return { status: 200, body: { total, results, ...(end < total && rows.length > 0 && { paging }) } }
}
