/** One business effect per edit in the external system: no value was written twice by the bridge, no record has two rows, and both sides say the same in the end. */
import type { FakeApi } from '../nodes/fake-api.ts'
import type { Views } from './acknowledged.ts'
import { OracleFailed } from './oracle-failed.ts'

export function checkEffects(api: FakeApi, orders: Views): void {
  const written = new Set<string>()
  for (const { row, field, value } of api.written) {
    const effect = `${field} ${value} of ${row}`
    if (written.has(effect)) throw new OracleFailed('effects', `${effect} was written twice`)
    written.add(effect)
  }
  const rows = api.system.rows('case')
  const externalIds = rows.flatMap(({ externalId }) => externalId ?? [])
  if (new Set(externalIds).size !== externalIds.length)
    throw new OracleFailed('effects', `a record has two rows: ${externalIds.sort().join(' ')}`)
  const there = rows
    .filter(({ deleted }) => !deleted)
    .map(({ value }) => `${value['Title']} ${value['Status'] ?? ''}`)
    .sort()
  const here = [...orders.values()].map((order) => `${order['title']} ${order['status'] ?? ''}`).sort()
  if (there.join('; ') !== here.join('; '))
    throw new OracleFailed('effects', `the system has ${there.join('; ')}\n  the hub has ${here.join('; ')}`)
}
