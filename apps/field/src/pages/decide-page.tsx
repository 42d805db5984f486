/** Edits that were refused, and values that somebody is to choose between. */
import { useState } from 'react'
import { AsideView } from '../decide/aside-view.tsx'
import { CardView } from '../decide/card-view.tsx'
import { useCards } from '../decide/use-cards.ts'
import { OrderName } from '../order/order-name.tsx'
import { Done } from '../pieces/done.tsx'
import { Page } from '../pieces/page.tsx'
import { useAside } from '../replica/use-states.ts'
import { useWords } from '../words/use-words.ts'

export function DecidePage() {
  const words = useWords()
  const aside = useAside()
  const cards = useCards()
  const [told, setTold] = useState('')
  const isEmpty = aside?.length === 0 && cards.length === 0
  return (
    <Page title={words.pages.decide}>
      <p>{words.decide.lead}</p>
      <Done words={told} />
      {isEmpty && <p className="banner good">{words.decide.empty}</p>}
      <ul className="cards">
        {aside?.map((edit) => (
          <li key={edit.key}>
            <AsideView edit={edit} told={setTold} />
          </li>
        ))}
        {cards.map((card) => (
          <li key={card.key}>
            <OrderName id={card.id} title={card.kind === 'deleted' ? card.deletion.title : undefined} />
            <CardView card={card} told={setTold} />
          </li>
        ))}
      </ul>
    </Page>
  )
}
