/** Every row there is, by id: an order that edits do not change, so that no row that lives can be missing (SPEC TR-33, TR-34). */
import type { Call, ListAnswer } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { domainOf } from './changes.ts'
import type { Reader } from './reader.ts'
import { listedFields, listedRowOf } from './rows.ts'
import type { Shape } from './shape.ts'

const POSITION = /^after (\d{1,15})$/

export async function list(
  shape: Shape,
  position: string | undefined,
  limit: number,
  reader: Reader,
  call: Call,
): Promise<ListAnswer> {
  const after = position === undefined ? 0 : Number(POSITION.exec(position)?.[1] ?? Number.NaN)
  if (Number.isNaN(after)) return { kind: 'expired' }
  const domain: Json[] = [['id', '>', after], ...domainOf(shape)]
  const fields = listedFields(shape)
  const found = await reader.rows(shape, { domain, limit, order: [['id', 'ASC']], fields }, call)
  if (found.kind !== 'rows') return found
  return {
    kind: 'page',
    rows: found.rows.map((raw) => listedRowOf(shape, raw)),
    next: `after ${found.rows.at(-1)?.id ?? after}`,
    complete: found.rows.length < limit,
    // What left the domain lives on, and is in no page.
    proves: shape.config.domain === undefined,
  }
}
