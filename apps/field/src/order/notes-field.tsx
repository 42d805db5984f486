/** The notes: everybody's letters at once, with the caret where it was. */
import { useId, useLayoutEffect, useRef, useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useWords } from '../words/use-words.ts'
import { editOrder } from './edit.ts'
import type { Order } from './order.ts'
import { movedCaret, TextMerge } from './text-merge.ts'

export function NotesField({ order, focused }: { order: Order; focused(isFocused: boolean): void }) {
  const words = useWords()
  const [hint, field] = [useId(), useRef<HTMLTextAreaElement>(null)]
  const { merge, failed, typed } = useTextMerge(order, field)
  return (
    <>
      <textarea
        ref={field}
        rows={5}
        aria-label={words.fields.notes}
        aria-describedby={hint}
        defaultValue={merge.shown}
        onInput={(event) => typed(event.currentTarget.value)}
        onFocus={() => focused(true)}
        onBlur={() => focused(false)}
      />
      <p id={hint} className="soft">
        {words.order.notesHint}
      </p>
      <Failed reason={failed} />
    </>
  )
}

function useTextMerge(order: Order, field: React.RefObject<HTMLTextAreaElement | null>) {
  const replica = useReplica()
  const [merge] = useState(() => new TextMerge(order.notes))
  const [failed, setFailed] = useState<string>()
  const newest = useRef(order)
  newest.current = order
  const show = () => {
    const element = field.current
    if (!element || !merge.settle()) return
    const { value, selectionStart, selectionEnd } = element
    element.value = merge.shown
    if (document.activeElement !== element) return
    const caret = (offset: number) => movedCaret(value, merge.shown, offset)
    element.setSelectionRange(caret(selectionStart), caret(selectionEnd))
  }
  const send = async () => {
    const sending = merge.next()
    if (!sending) return
    const { base, wanted } = sending
    try {
      await editOrder(replica, { ...newest.current, notes: base }, (draft) => {
        draft.notes = wanted
      })
      merge.arrived()
      setFailed(undefined)
    } catch (error) {
      merge.refused(sending)
      setFailed(error instanceof Error ? error.message : String(error))
      return
    }
    show()
    await send()
  }
  // What was told before the field was drawn anew is shown at once, before anybody sees the old text.
  useLayoutEffect(() => {
    merge.told(order.notes)
    show()
  })
  const typed = (text: string) => {
    merge.typed(text)
    void send()
  }
  return { merge, failed, typed }
}
