/** Steps to be done, each ticked by whoever did it. */
import { useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useWanted } from '../replica/use-wanted.ts'
import { useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { useEdit } from './use-edit.ts'

/** Characters of a step: a sentence. */
const STEP_LENGTH_MAX = 200

export function ChecklistField({ order }: { order: Order }) {
  const words = useWords()
  const { edit, isRunning, failed } = useEdit(order)
  const [text, setText] = useState('')
  const steps = order.checklist ?? []
  const add = () => {
    const step = { id: crypto.randomUUID(), text: text.trim(), done: false }
    if (step.text === '') return
    edit((draft) => {
      draft.checklist = [...(draft.checklist ?? []), step]
    })
    setText('')
  }
  return (
    <>
      {steps.length === 0 && <p className="soft">{words.order.noChecklist}</p>}
      <ul className="rows">
        {steps.map(({ id, text, done }) => (
          <li key={id}>
            <Step
              text={text}
              done={done}
              isRunning={isRunning}
              tick={(isDone) =>
                edit((draft) => {
                  const step = draft.checklist?.find((row) => row.id === id)
                  if (step) step.done = isDone
                })
              }
            />
          </li>
        ))}
      </ul>
      <form
        className="add"
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <input
          aria-label={words.order.item}
          placeholder={words.order.item}
          maxLength={STEP_LENGTH_MAX}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit">{words.order.addItem}</button>
      </form>
      <Failed reason={failed} />
    </>
  )
}

interface StepProps {
  text: string
  done: boolean
  isRunning: boolean
  tick(isDone: boolean): void
}

function Step({ text, done, isRunning, tick }: StepProps) {
  const { shown, want } = useWanted(done, isRunning)
  return (
    <label className="tick">
      <input
        type="checkbox"
        checked={shown}
        onChange={(event) => {
          want(event.target.checked)
          tick(event.target.checked)
        }}
      />
      <span>{text}</span>
    </label>
  )
}
