/** An order's title as a link to it. @param title of one that is not shown, where it is known */
import { useOrder } from '../replica/use-orders.ts'
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'

export function OrderName({ id, title }: { id: string; title?: string | undefined }) {
  const words = useWords()
  const order = useOrder(id).value
  return (
    <a className="order-name" href={hashOf({ page: 'order', id })}>
      {order?.title ?? title ?? words.pages.order}
    </a>
  )
}
