/** An order that somebody deleted: who, when, what was written here, and the choice to bring it back. */
import { Failed } from '../pieces/failed.tsx'
import { authorName, fieldName, shownValue } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useSync } from '../replica/use-states.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { keyOfDeletion } from './card.ts'
import { bringBack, type Deletion, type Written } from './deletion.ts'
import { dismiss } from './dismissed.ts'
import { useDismissed } from './use-dismissed.ts'

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
  const isLeft = useDismissed()(key)
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
