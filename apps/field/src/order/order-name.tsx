/** An order's title as a link to it. */
import { useOrder } from '../replica/use-orders.ts'
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'

export function OrderName({ id }: { id: string }) {
  const words = useWords()
  const order = useOrder(id).value
  return (
    <a className="order-name" href={hashOf({ page: 'order', id })}>
      {order?.title ?? words.pages.order}
    </a>
  )
}
