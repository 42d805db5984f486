/** The notes: everybody's letters at once, with the caret where it was. */
import { LiveError, type LiveReplica } from '@skerry/live'
import { type RefObject, useEffect, useId, useRef, useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useWords } from '../words/use-words.ts'
import { editOrder } from './edit.ts'
import { ORDERS, type Order } from './order.ts'
import { movedCaret, type Sending, TextMerge } from './text-merge.ts'
import { keepTyped, takeTyped } from './unkept.ts'

/** One change of a record may have 50,000 letters, and one that replaces all notes takes these away and writes as many. */
const NOTES_LENGTH_MAX = 20_000

export function NotesField({ order, focused }: { order: Order; focused(isFocused: boolean): void }) {
  const words = useWords()
  const [hint, field] = [useId(), useRef<HTMLTextAreaElement>(null)]
  const { initial, failed, typed } = useTextMerge(order, field)
  const [isFull, setIsFull] = useState(false)
  return (
    <>
      <textarea
        ref={field}
        rows={5}
        aria-label={words.fields.notes}
        aria-describedby={hint}
        defaultValue={initial}
        maxLength={NOTES_LENGTH_MAX}
        onInput={({ currentTarget: { value } }) => {
          typed(value)
          setIsFull(value.length >= NOTES_LENGTH_MAX)
        }}
        onFocus={() => focused(true)}
        onBlur={() => focused(false)}
      />
      <p id={hint} className="soft">
        {words.order.notesHint}
      </p>
      {isFull && (
        <p className="banner" role="status">
          {words.order.notesFull(NOTES_LENGTH_MAX)}
        </p>
      )}
      <Failed reason={failed} />
    </>
  )
}

function useTextMerge(order: Order, field: RefObject<HTMLTextAreaElement | null>) {
  const replica = useReplica()
  const [merge] = useState(() => new TextMerge(order.notes))
  const [failed, setFailed] = useState<string>()
  const newest = useRef(order)
  newest.current = order
  const show = () => {
    if (merge.settle() && field.current) showText(field.current, merge.shown)
  }
  // Told directly: a component is drawn some time after it was told, and by then an edit may have been answered that it does not show yet.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `show` is of the same field always
  useEffect(
    () =>
      watchNotes(replica, order.id, (notes) => {
        merge.told(notes)
        show()
      }),
    [replica, order.id],
  )
  const send = async (sending: Sending | undefined): Promise<void> => {
    if (!sending) return
    try {
      await write(replica, newest.current, sending)
    } catch (error) {
      merge.refused(sending)
      if (isGone(error)) keepTyped(order.id, { base: sending.base, wanted: merge.shown })
      setFailed(reasonOf(error))
      return
    }
    merge.arrived()
    setFailed(undefined)
    show()
    await send(merge.next())
  }
  // What was typed while the order went, now that it is back; what comes of it is told as others' letters are.
  useEffect(() => {
    const typed = takeTyped(order.id)
    if (!typed) return
    write(replica, newest.current, typed).catch((error: unknown) => {
      keepTyped(order.id, typed)
      setFailed(reasonOf(error))
    })
  }, [replica, order.id])
  // Who closes the page has stopped typing: what is typed goes to the worker before the page does.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `send` is of the same merge always
  useEffect(() => {
    const leave = () => void send(merge.rest())
    addEventListener('pagehide', leave)
    return () => removeEventListener('pagehide', leave)
  }, [merge])
  const typed = (text: string) => {
    merge.typed(text)
    void send(merge.next())
  }
  return { initial: order.notes, failed, typed }
}

function write(replica: LiveReplica, order: Order, { base, wanted }: Sending): Promise<void> {
  return editOrder(replica, { ...order, notes: base }, (draft) => {
    draft.notes = wanted
  })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Of this device: it was deleted, or has moved away. */
function isGone(error: unknown): boolean {
  return error instanceof LiveError && error.code === 'not-found'
}

function watchNotes(replica: LiveReplica, id: string, told: (notes: string) => void): () => void {
  return replica.watch(
    { collection: ORDERS, where: { id: { wanted: id } }, orderBy: [] },
    ({ inserted: [record] }) => {
      if (typeof record?.notes === 'string') told(record.notes)
    },
    // The page's own watch of the order fails with it, and says so.
    () => undefined,
  )
}

function showText(element: HTMLTextAreaElement, text: string): void {
  const { value, selectionStart, selectionEnd } = element
  element.value = text
  if (document.activeElement !== element) return
  const caret = (offset: number) => movedCaret(value, text, offset)
  element.setSelectionRange(caret(selectionStart), caret(selectionEnd))
}
