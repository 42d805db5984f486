/** An order in the list: all of it is one link. */
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { today } from './today.ts'

export function OrderLine({ order: { id, title, site, state, status, priority, due } }: { order: Order }) {
  const words = useWords()
  const isOver = due !== undefined && due < today() && status !== 'done'
  return (
    <a className={`order-line ${status}`} href={hashOf({ page: 'order', id })}>
      <span className="order-title">{title}</span>
      <span className="order-place">
        {site}, {state}
      </span>
      <span className="tags">
        <span className={`tag ${status}`}>{words.status[status]}</span>
        {priority !== 'normal' && <span className={`tag ${priority}`}>{words.priority[priority]}</span>}
        {due !== undefined && (
          <span className={isOver ? 'tag over' : 'tag plain'}>
            {isOver ? words.today.overdue(due) : words.today.due(due)}
          </span>
        )}
      </span>
    </a>
  )
}
