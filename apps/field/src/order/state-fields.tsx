/** Status, priority and due date. */
import { Failed } from '../pieces/failed.tsx'
import { useWanted } from '../replica/use-wanted.ts'
import { useWords } from '../words/use-words.ts'
import { type Order, priorities, statuses } from './order.ts'
import { useEdit } from './use-edit.ts'

export function StateFields({ order }: { order: Order }) {
  return (
    <div className="state">
      <Status order={order} />
      <Priority order={order} />
      <Due order={order} />
    </div>
  )
}

function Status({ order }: { order: Order }) {
  const words = useWords()
  const { edit, isRunning, failed } = useEdit(order)
  const { shown, want } = useWanted(order.status, isRunning)
  const choose = (status: Order['status']) => {
    want(status)
    edit((draft) => {
      draft.status = status
    })
  }
  return (
    <fieldset className="segments">
      <legend>{words.fields.status}</legend>
      {statuses.map((status) => (
        <label key={status}>
          <input type="radio" name="status" checked={shown === status} onChange={() => choose(status)} />
          <span>{words.status[status]}</span>
        </label>
      ))}
      <Failed reason={failed} />
    </fieldset>
  )
}

function Priority({ order }: { order: Order }) {
  const words = useWords()
  const { edit, isRunning, failed } = useEdit(order)
  const { shown, want } = useWanted(order.priority, isRunning)
  const choose = (name: string) => {
    const priority = priorities.find((one) => one === name)
    if (!priority) return
    want(priority)
    edit((draft) => {
      draft.priority = priority
    })
  }
  return (
    <div className="stack">
      <label className="stack">
        {words.fields.priority}
        <select value={shown} onChange={(event) => choose(event.target.value)}>
          {priorities.map((priority) => (
            <option key={priority} value={priority}>
              {words.priority[priority]}
            </option>
          ))}
        </select>
      </label>
      <Failed reason={failed} />
    </div>
  )
}

function Due({ order }: { order: Order }) {
  const words = useWords()
  const { edit, isRunning, failed } = useEdit(order)
  const { shown, want } = useWanted(order.due ?? '', isRunning)
  const choose = (due: string) => {
    want(due)
    edit((draft) => {
      if (due === '') delete draft.due
      else draft.due = due
    })
  }
  return (
    <div className="stack">
      <label className="stack">
        {words.fields.due}
        <input type="date" value={shown} onChange={(event) => choose(event.target.value)} />
      </label>
      <Failed reason={failed} />
    </div>
  )
}
