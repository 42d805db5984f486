/** An order that somebody deleted: who, when, what was written here, and the choice to bring it back. */
import { keyOf } from '@skerry/core'
import { useState, useSyncExternalStore } from 'react'
import { ORDERS } from '../order/order.ts'
import { Done } from '../pieces/done.tsx'
import { Failed } from '../pieces/failed.tsx'
import { authorName, fieldName, shownValue } from '../pieces/values.ts'
import { Waiting } from '../pieces/waiting.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useAsked } from '../replica/use-asked.ts'
import { useAside, useSync } from '../replica/use-states.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { AsideView } from './aside-view.tsx'
import { keyOfDeletion } from './card.ts'
import { bringBack, type Deletion, deletionOf, type Written } from './deletion.ts'
import { dismiss, dismissedCards, onDismissed } from './dismissed.ts'

export interface DeletedViewProps {
  deletion: Deletion
  told(words: string): void
}

export function DeletedView({ deletion, told }: DeletedViewProps) {
  const words = useWords()
  const format = useFormat()
  const replica = useReplica()
  const action = useAction()
  const me = useSync()?.credential?.subject
  const { by, isOwn, written } = deletion
  const key = keyOfDeletion(deletion)
  const isLeft = useSyncExternalStore(onDismissed, dismissedCards).has(key)
  return (
    <div className="card keep">
      <h2>
        {words.deleted.title(isOwn ? undefined : authorName(by, words), deletion.title ?? words.pages.order)}
      </h2>
      {by.time !== 0 && <p className="soft">{format.moment(by.time)}</p>}
      {written && (
        <>
          <WrittenView written={written} />
          <div className="buttons">
            <button
              type="button"
              disabled={action.isRunning}
              onClick={() =>
                action.run(() => bringBack(replica, deletion, me).then(() => told(words.deleted.broughtBack)))
              }
            >
              {words.deleted.bringBack}
            </button>
            {!isLeft && (
              <button
                type="button"
                disabled={action.isRunning}
                onClick={() => {
                  dismiss(key)
                  told(words.deleted.left)
                }}
              >
                {words.deleted.leave}
              </button>
            )}
          </div>
        </>
      )}
      <Failed reason={action.failed} />
    </div>
  )
}

function WrittenView({ written }: { written: Written }) {
  const words = useWords()
  const format = useFormat()
  const { fields, order, both } = written
  const shown = (field: string) => {
    const value = order[field]
    // Every letter: there is nowhere else to read them.
    return typeof value === 'string' && field === 'notes' ? value : shownValue(words, format, field, value)
  }
  return (
    <>
      <div>
        <h3>{words.deleted.written}</h3>
        <ul className="plain">
          {fields.map((field) => (
            <li key={field}>{words.decide.edit.put(fieldName(words, field), shown(field))}</li>
          ))}
        </ul>
      </div>
      {both.length > 0 && <p>{words.deleted.both(both.map((field) => fieldName(words, field)))}</p>}
    </>
  )
}

/** In place of an order that is not shown: that it was deleted, or that nothing is known of it; and what was written in it and refused. */
export function MissingOrder({ id }: { id: string }) {
  const words = useWords()
  const replica = useReplica()
  const sync = useSync()
  const me = sync?.credential?.subject
  const [done, setDone] = useState('')
  const aside = useAside()?.filter(({ record }) => record === keyOf(ORDERS, id))
  const { value: deletion, failed } = useAsked(sync && JSON.stringify([id, me]), () =>
    deletionOf(replica, id, me),
  )
  return (
    <>
      <Done words={done} />
      {deletion && <DeletedView deletion={deletion} told={setDone} />}
      <Failed reason={failed} />
      {deletion === undefined && failed === undefined && <Waiting />}
      {deletion === null && <p className="banner warn">{words.order.missing}</p>}
      {aside?.map((edit) => (
        <AsideView key={edit.key} edit={edit} told={setDone} />
      ))}
    </>
  )
}
