/** What happens to orders: edits by devices, and by people who work in the external system itself. Every value written is a mark, so that each can be followed. */
import type { Random } from '../machine/random.ts'
import { ORDERS_CHANNEL } from '../nodes/collections.ts'
import type { FakeApi } from '../nodes/fake-api.ts'
import type { Ledger } from '../oracles/ledger.ts'
import { type EditContext, expected } from './visit-edits.ts'

export async function editOrder({ process, random, ledger, tell }: EditContext): Promise<void> {
  const { name, grant } = process.node
  if (!grant.write.includes(ORDERS_CHANNEL)) return
  const { orders } = process.replica
  const known = await orders.all()
  const mark = ledger.newMark()
  if (known.length === 0 || random.chance(0.3)) {
    const id = `o${random.below(10 ** 9)}`
    ledger.placed(mark, `orders/${id}`, name, ORDERS_CHANNEL)
    tell(`${name} orders ${id}: ${mark}`)
    await orders.create({ title: mark }, { id }).catch(expected)
    return
  }
  const { id } = random.pick(known)
  const field = random.pick(['title', 'status'] as const)
  ledger.placed(mark, `orders/${id}`, name, ORDERS_CHANNEL)
  tell(`${name} changes ${field} of order ${id}: ${mark}`)
  const write = (order: { title: string; status?: string | undefined }) => {
    order[field] = mark
  }
  await orders.update(id, write).catch(expected)
}

export function editInOffice(
  api: FakeApi,
  random: Random,
  ledger: Ledger,
  tell: (line: string) => void,
): void {
  const rows = api.system.rows('case').filter(({ deleted }) => !deleted)
  const mark = ledger.newMark()
  ledger.placed(mark, 'orders/of the office', 'office', ORDERS_CHANNEL)
  if (rows.length === 0 || random.chance(0.3)) {
    tell(`the office adds a case: ${mark}`)
    api.system.edit('case', {}, { Title: mark })
    return
  }
  const { id } = random.pick(rows)
  const field = random.pick(['Title', 'Status'] as const)
  tell(`the office changes ${field} of ${id}: ${mark}`)
  api.system.edit('case', { id }, { [field]: mark })
}
