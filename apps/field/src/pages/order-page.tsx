/** A work order: everything about it can be changed here, with or without a network. */
import { keyOf } from '@skerry/core'
import { useState } from 'react'
import { AsideView } from '../decide/aside-view.tsx'
import { concurrentCards } from '../decide/card.ts'
import { CardView } from '../decide/card-view.tsx'
import { useCards } from '../decide/use-cards.ts'
import { useDismissed } from '../decide/use-dismissed.ts'
import { ChecklistField } from '../order/checklist-field.tsx'
import { HereNow } from '../order/here-now.tsx'
import { HoursField } from '../order/hours-field.tsx'
import { MissingOrder } from '../order/missing-order.tsx'
import { NotesField } from '../order/notes-field.tsx'
import { channelOf, ORDERS, type Order, PLACES } from '../order/order.ts'
import { OrderSection } from '../order/order-section.tsx'
import { PartsField } from '../order/parts-field.tsx'
import { SignatureField } from '../order/signature-field.tsx'
import { StampField } from '../order/stamp-field.tsx'
import { StandingView } from '../order/standing-view.tsx'
import { StateFields } from '../order/state-fields.tsx'
import { PhotosField } from '../photos/photos-field.tsx'
import { Done } from '../pieces/done.tsx'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { Waiting } from '../pieces/waiting.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAsked } from '../replica/use-asked.ts'
import { useOrder } from '../replica/use-orders.ts'
import { useAside, usePresence, useStanding } from '../replica/use-states.ts'
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'

export function OrderPage({ id }: { id: string }) {
  const words = useWords()
  const { value: order, failed } = useOrder(id)
  const back = (
    <a className="back" href="#/">
      {words.pages.today}
    </a>
  )
  if (order) return <OrderView key={order.id} order={order} back={back} />
  return (
    <Page title={words.pages.order} above={back}>
      <Failed reason={failed?.message} />
      {order === undefined && !failed && <Waiting />}
      {order === null && <MissingOrder id={id} />}
    </Page>
  )
}

function OrderView({ order, back }: { order: Order; back: React.ReactNode }) {
  const words = useWords()
  const [field, setField] = useState<string | null>(null)
  const others = usePresence(channelOf(order.state), { order: order.id, field })
  const standing = useStanding(order.id, PLACES)
  const steps = order.checklist ?? []
  return (
    <Page title={order.title} above={back}>
      <p className="order-site">
        {order.site}, {order.state}
      </p>
      <HereNow id={order.id} others={others} />
      <Cards order={order} changed={standing} />
      <StateFields order={order} />
      <div className="order-parts">
        <OrderSection title={words.fields.notes}>
          <NotesField order={order} focused={(isFocused) => setField(isFocused ? 'notes' : null)} />
        </OrderSection>
        <OrderSection title={words.order.worked}>
          <HoursField order={order} />
        </OrderSection>
        <OrderSection
          title={words.fields.checklist}
          aside={
            steps.length > 0 && (
              <span className="soft">
                {words.order.steps(steps.filter(({ done }) => done).length, steps.length)}
              </span>
            )
          }
        >
          <ChecklistField order={order} />
        </OrderSection>
        <OrderSection title={words.fields.parts}>
          <PartsField order={order} />
        </OrderSection>
        <OrderSection title={words.fields.photos}>
          <PhotosField order={order} />
        </OrderSection>
        <OrderSection title={words.fields.stamp}>
          <StampField order={order} />
        </OrderSection>
        <OrderSection title={words.fields.signature}>
          <SignatureField order={order} />
        </OrderSection>
      </div>
      <StandingView id={order.id} standing={standing} />
      <a className="button" href={hashOf({ page: 'history', id: order.id })}>
        {words.order.history}
      </a>
    </Page>
  )
}

/** What is to be decided about this order. Concurrent values are shown also to whoever did not write one of them. */
function Cards({ order, changed }: { order: Order; changed: unknown }) {
  const replica = useReplica()
  const isDismissed = useDismissed()
  const [done, setDone] = useState('')
  const aside = useAside()?.filter(({ record }) => record === keyOf(ORDERS, order.id))
  const answered = useCards().filter((card) => card.id === order.id)
  const key = `${order.id} ${JSON.stringify([order, changed])}`
  const asked = useAsked(key, () => replica.concurrent(ORDERS, order.id)).value ?? []
  const others = concurrentCards(order.id, asked).filter(
    ({ key }) => !answered.some((card) => card.key === key) && !isDismissed(key),
  )
  return (
    <>
      <Done words={done} />
      {aside?.map((edit) => (
        <AsideView key={edit.key} edit={edit} told={setDone} />
      ))}
      {[...others, ...answered].map((card) => (
        <CardView key={card.key} card={card} told={setDone} />
      ))}
    </>
  )
}
