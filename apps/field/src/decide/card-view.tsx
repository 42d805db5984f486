/** A card: what happened, in plain words, and what can be done about it. */
import type { Json } from '@skerry/core'
import { editOrder } from '../order/edit.ts'
import { ORDERS, type Order } from '../order/order.ts'
import { Failed } from '../pieces/failed.tsx'
import { authorName, fieldName, nameOf, placeName, shownValue } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useOrder } from '../replica/use-orders.ts'
import { useSync } from '../replica/use-states.ts'
import { hashOf } from '../route/route.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { type Card, officeAgainst, setAt } from './card.ts'
import { DeletedView } from './deleted-view.tsx'
import { dismiss } from './dismissed.ts'

/** @param told of what was decided, where the card goes and says no more */
export function CardView({ card, told }: { card: Card; told(words: string): void }) {
  switch (card.kind) {
    case 'concurrent':
      return <Concurrent card={card} />
    case 'answered':
      return <Answered card={card} />
    case 'deleted':
      return <DeletedView deletion={card.deletion} told={told} />
  }
}

function useKeep({ id, key }: Card) {
  const replica = useReplica()
  const action = useAction()
  const write = (path: readonly string[], value: Json) =>
    action.run(async () => {
      const order = (await replica.get(ORDERS, id)) as unknown as Order | undefined
      if (order) await editOrder(replica, order, (draft) => setAt(draft as unknown as Json, path, value))
      dismiss(key)
    })
  return { write, action, seen: () => dismiss(key) }
}

function Concurrent({ card }: { card: Extract<Card, { kind: 'concurrent' }> }) {
  const words = useWords()
  const format = useFormat()
  const me = useSync()?.credential?.subject
  const { write, action, seen } = useKeep(card)
  const field = card.path[0] ?? ''
  const name = nameOf(words, card.path, useOrder(card.id).value ?? undefined)
  const shownOf = (value: Json) => shownValue(words, format, field, value)
  const office = officeAgainst(card.values, me)
  return (
    <div className="card keep">
      <h2>{words.keep.title}</h2>
      <p>
        {office
          ? words.keep.overruled(words.place.crm, name, shownOf(office.theirs), shownOf(office.mine))
          : words.keep.concurrent(name)}
      </p>
      <ul className="choices">
        {card.values.map(({ value, author, time, actor }, index) => {
          const shown = shownOf(value)
          const isOwn = author !== undefined && author === me
          const who = isOwn ? undefined : authorName({ author, actor }, words)
          return (
            <li key={actor}>
              <p>
                {time ? words.keep.byAt(who, time) : words.keep.by(who)}: <strong>{shown}</strong>{' '}
                {index === 0 && <span className="tag">{words.keep.shown}</span>}
              </p>
              <button
                type="button"
                disabled={action.isRunning}
                onClick={() => (index === 0 ? seen() : write(card.path, value))}
              >
                {words.keep.keep(shown)}
              </button>
            </li>
          )
        })}
      </ul>
      <Failed reason={action.failed} />
    </div>
  )
}

function Answered({ card }: { card: Extract<Card, { kind: 'answered' }> }) {
  const words = useWords()
  const format = useFormat()
  const { write, action, seen } = useKeep(card)
  const { id, field, state, values, reason } = card
  const shown = (value: Json) => shownValue(words, format, field, value)
  return (
    <div className="card keep">
      <h2>{state === 'overruled' ? words.keep.title : fieldName(words, field)}</h2>
      <p>{happened(card, words, shown)}</p>
      {reason !== undefined && state !== 'overruled' && <p>{words.keep.reason(reason)}</p>}
      <div className="buttons">
        {state === 'overruled' && values ? (
          <>
            <button type="button" onClick={seen}>
              {words.keep.keepTheirs(shown(values.became))}
            </button>
            <button type="button" disabled={action.isRunning} onClick={() => write([field], values.was)}>
              {words.keep.keepMine(shown(values.was))}
            </button>
          </>
        ) : (
          <>
            <a className="button" href={hashOf({ page: 'order', id })}>
              {words.keep.write}
            </a>
            <button type="button" onClick={seen}>
              {words.keep.seen}
            </button>
          </>
        )}
      </div>
      <Failed reason={action.failed} />
    </div>
  )
}

function happened(
  { field, place, state, values }: Extract<Card, { kind: 'answered' }>,
  words: ReturnType<typeof useWords>,
  shown: (value: Json) => string,
): string {
  const name = fieldName(words, field)
  const who = placeName(words, place)
  switch (state) {
    case 'overruled':
      return words.keep.overruled(who, name, shown(values?.became ?? null), shown(values?.was ?? null))
    case 'review':
      return words.keep.review(who, name, shown(values?.was ?? null), shown(values?.became ?? null))
    case 'mended':
      return values
        ? words.keep.mended(name, shown(values.was), shown(values.became))
        : words.keep.mendedPlain(name)
    case 'refused':
      return words.keep.refused(who, name)
  }
}
