/** An order as it was after each of its changes, by a slider; and back to any of them. */
import type { HistoryItem } from '@skerry/core'
import type { LiveReplica } from '@skerry/live'
import { useState } from 'react'
import { MissingOrder } from '../order/missing-order.tsx'
import { ORDERS, type Order } from '../order/order.ts'
import { noteTouched } from '../order/touched.ts'
import { Done } from '../pieces/done.tsx'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { authorName, fieldName, shownValue } from '../pieces/values.ts'
import { Waiting } from '../pieces/waiting.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useAsked } from '../replica/use-asked.ts'
import { useOrder } from '../replica/use-orders.ts'
import { hashOf } from '../route/route.ts'
import { useFormat, useWords } from '../words/use-words.ts'

export function HistoryPage({ id }: { id: string }) {
  const words = useWords()
  const replica = useReplica()
  const { value: order, failed } = useOrder(id)
  const key = order ? JSON.stringify(order) : undefined
  const history = useAsked(key, () => replica.history(ORDERS, id))
  const back = (
    <a className="back" href={hashOf({ page: 'order', id })}>
      {order?.title ?? words.pages.order}
    </a>
  )
  return (
    <Page title={words.pages.history} above={back}>
      <Failed reason={failed?.message ?? history.failed} />
      {order === null && <MissingOrder id={id} />}
      {order && !history.value && <Waiting />}
      {order && history.value && <Slider order={order} history={history.value} />}
    </Page>
  )
}

function Slider({ order, history }: { order: Order; history: readonly HistoryItem[] }) {
  const words = useWords()
  const format = useFormat()
  const replica = useReplica()
  const action = useAction()
  const [chosen, setChosen] = useState<number>()
  const [isRestored, setRestored] = useState(false)
  const last = history.length - 1
  const index = Math.min(chosen ?? last, last)
  const item = history[index]
  const was = useAsked(item && `${order.id} ${item.hash}`, () => asItWas(replica, order.id, item?.hash ?? ''))
  if (!item) return <p>{words.history.empty}</p>
  const position = words.history.change(index + 1, history.length)
  const name = authorName(item, words)
  const who = item.time === 0 ? name : words.history.by(name, item.time)
  return (
    <>
      <p>{words.history.lead}</p>
      <label className="stack">
        {position}
        <input
          type="range"
          min={0}
          max={last}
          value={index}
          aria-valuetext={`${position}: ${who}`}
          onChange={(event) => {
            setChosen(Number(event.target.value))
            setRestored(false)
          }}
        />
      </label>
      <div className="card">
        <p>
          <strong>{who}</strong>
          <br />
          {words.history.fields(namesIn(item, words)) || words.history.nothing}
        </p>
        <Then was={was.value} />
        {index === last ? (
          <p className="soft">{words.history.newest}</p>
        ) : (
          <button
            type="button"
            disabled={action.isRunning || !was.value?.order}
            onClick={() =>
              action.run(async () => {
                noteTouched(
                  order.id,
                  item.fields.flatMap(([field]) => field ?? []),
                )
                await replica.restore(ORDERS, order.id, item.hash)
                setChosen(undefined)
                setRestored(true)
              })
            }
          >
            {words.history.restore}
          </button>
        )}
      </div>
      <Done words={isRestored ? words.history.restored : ''} />
      <Failed reason={was.failed ?? action.failed} />
      <p className="only-read-out">{format.number(history.length)}</p>
    </>
  )
}

async function asItWas(
  replica: LiveReplica,
  id: string,
  hash: string,
): Promise<{ order: Order | undefined }> {
  return { order: (await replica.at(ORDERS, id, hash)) as unknown as Order | undefined }
}

function namesIn({ fields }: HistoryItem, words: ReturnType<typeof useWords>): string[] {
  return [...new Set(fields.map(([field = '']) => fieldName(words, field)))]
}

/** Fields in the order in which people look for them. */
const shownFields = [
  'title',
  'status',
  'priority',
  'due',
  'site',
  'hours',
  'minutes',
  'notes',
  'checklist',
  'parts',
  'signed',
  'stamped',
  'signature',
  'stamp',
] as const satisfies readonly (keyof Order)[]

function Then({ was }: { was: { order: Order | undefined } | undefined }) {
  const words = useWords()
  const format = useFormat()
  if (!was) return <Waiting />
  const { order } = was
  if (!order) return <p>{words.history.deleted}</p>
  return (
    <dl className="facts" aria-label={words.history.was}>
      {shownFields
        .filter((field) => order[field] !== undefined)
        .map((field) => (
          <div key={field}>
            <dt>{fieldName(words, field)}</dt>
            <dd>{shownValue(words, format, field, order[field] as Parameters<typeof shownValue>[3])}</dd>
          </div>
        ))}
    </dl>
  )
}
