import { collection, counter, text } from '@skerry/core'
import type { LiveReplica } from '@skerry/live'
import { SkerryProvider, useDraft, useEdits, useRecords, useSaved, useSync } from '@skerry/react'
import * as z from 'zod'

export const orders = collection(
  'orders',
  z.object({ title: z.string(), status: z.enum(['open', 'done']), notes: text(), hours: counter() }),
  { indexes: ['status'] },
)

export function App({ replica }: { replica: LiveReplica | undefined }) {
  return (
    <SkerryProvider replica={replica}>
      <Line />
      <Orders search="pump" />
    </SkerryProvider>
  )
}

function Line() {
  const { value: line } = useSync()
  return <output>{line ? `${line.phase}, ${line.pending} on their way` : '…'}</output>
}

function Orders({ search }: { search: string }) {
  const { state, records, error } = useRecords(orders, (all) =>
    all
      .where({ status: 'open' })
      .orderBy('title')
      .filter((order) => order.title.includes(search)),
  )
  const { create } = useEdits(orders)
  if (state === 'loading') return <p>…</p>
  const add = () => create({ title: 'pump 8', status: 'open', notes: '', hours: 0 })
  return (
    <section>
      {error && <p role="alert">{error.message}</p>}
      {records.map(({ id }) => (
        <Order key={id} id={id} />
      ))}
      <button type="button" onClick={add}>
        New order
      </button>
    </section>
  )
}

function Order({ id }: { id: string }) {
  const { record, change } = useDraft(orders, id)
  const { words } = useSaved(orders, id)
  if (!record) return null
  const type = (notes: string) =>
    change((draft) => {
      draft.notes = notes
    })
  return (
    <label>
      {record.title}
      <textarea value={record.notes} onChange={(event) => type(event.target.value)} />
      <small>{words}</small>
    </label>
  )
}
