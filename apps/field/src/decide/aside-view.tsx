/** An edit that the hub refused: why, what it was, and the choice to make it again or drop it. Whoever had the device before is named: then it is his that is told, and what is made of it is of who makes it. */
import { type AsideEdit, DELETED_KEY, type Edit, idOf, type Json } from '@skerry/core'
import type { Order } from '../order/order.ts'
import { noteTouched } from '../order/touched.ts'
import { Failed } from '../pieces/failed.tsx'
import { Technical } from '../pieces/technical.tsx'
import { fieldName, nameOf, personName, shownValue } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useOrder } from '../replica/use-orders.ts'
import { useSync } from '../replica/use-states.ts'
import type { Words } from '../words/en.ts'
import type { Format } from '../words/format.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { isSeen } from './seen.ts'

export function AsideView({ edit, told }: { edit: AsideEdit; told(words: string): void }) {
  const words = useWords()
  const format = useFormat()
  const replica = useReplica()
  const action = useAction()
  const order = useOrder(idOf(edit.record)).value
  const who = useOtherAuthor(edit)
  const decide = (work: Promise<void>, done: string) => action.run(() => work.then(() => told(done)))
  return (
    <div className="card keep">
      <h2>{words.decide.asideTitle(who, order?.title ?? words.decide.unnamed)}</h2>
      <p>{words.decide.refusal[edit.code]?.(who) ?? words.decide.refusalOther}</p>
      <Technical said={edit.reason} />
      <p className="soft">{format.moment(edit.at)}</p>
      <div>
        <h3>{words.decide.what(who)}</h3>
        <ul className="plain">
          {shownEdits(edit.edits, { words, format, order: order ?? undefined }).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <div className="buttons">
        <button
          type="button"
          disabled={action.isRunning}
          onClick={() => {
            noteTouched(idOf(edit.record), rootsOf(edit.edits))
            decide(
              replica.reapply(edit.key),
              who === undefined ? words.decide.reapplied : words.decide.reappliedAsOwn,
            )
          }}
        >
          {who === undefined ? words.decide.reapply : words.decide.reapplyAsOwn}
        </button>
        <button
          type="button"
          disabled={action.isRunning}
          onClick={() => decide(replica.dropAside(edit.key), words.decide.dropped)}
        >
          {words.decide.drop}
        </button>
      </div>
      <Failed reason={action.failed} />
    </div>
  )
}

/** Undefined where they are of who is signed in, or it is not known whose they are. */
function useOtherAuthor({ author }: AsideEdit): string | undefined {
  const words = useWords()
  const sync = useSync()
  const isOther = author !== undefined && sync !== undefined && author !== sync.credential?.subject
  return isOther ? personName(author, words) : undefined
}

function rootsOf(edits: readonly Edit[]): string[] {
  return [...new Set(edits.flatMap(({ path: [field] }) => field ?? []))]
}

interface Shown {
  words: Words
  format: Format
  /** As it is here. */
  order: Order | undefined
}

/** One line for each edit that says something to people. */
function shownEdits(edits: readonly Edit[], shown: Shown): string[] {
  return [...new Set(edits.map((edit) => shownEdit(edit, shown)).filter((line) => line !== ''))]
}

/** Empty where there is nothing to be said: a container that was made, an empty text at its beginning, a row's key. */
function shownEdit(edit: Edit, { words, format, order }: Shown): string {
  const { path } = edit
  const said = words.decide.edit
  if (path[0] === DELETED_KEY) return edit.op === 'put' && edit.value === true ? said.deleted : ''
  // Nothing of a photo says anything in a line, nor of a place; that there is one does.
  if (!isSeen(path)) return path[0] === 'photos' || path[0] === 'stamp' ? fieldName(words, path[0]) : ''
  const name = nameOf(words, path, order)
  const shown = (value: Json) => shownValue(words, format, path[0] ?? '', value)
  switch (edit.op) {
    case 'put':
      return said.put(name, shown(edit.value))
    case 'delete':
      return said.remove(name)
    case 'text':
      return edit.value === '' ? '' : said.text(name, shown(edit.value))
    case 'increment':
      return edit.by === 0 ? '' : said.add(name, edit.by)
    case 'list':
      return said.put(name, shown(edit.insert))
    case 'order':
      return said.order(name)
    case 'make':
      return ''
  }
}
