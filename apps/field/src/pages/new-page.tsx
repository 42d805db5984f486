/** A work order that nobody has ordered: what is found on the way, written down on the spot. */
import type { JsonObject } from '@skerry/core'
import { newWorkOrder } from '@skerry/demo/new-work-order'
import { useId, useState } from 'react'
import { ORDERS, priorities } from '../order/order.ts'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useSites } from '../replica/use-sites.ts'
import { useAreas } from '../replica/use-states.ts'
import { goTo } from '../route/use-route.ts'
import { useWords } from '../words/use-words.ts'

export function NewPage() {
  const words = useWords()
  const replica = useReplica()
  const areas = useAreas('write')
  const action = useAction()
  const [title, setTitle] = useState('')
  const [area, setArea] = useState<string>()
  const [site, setSite] = useState('')
  const [priority, setPriority] = useState<(typeof priorities)[number]>('normal')
  const [due, setDue] = useState('')
  const [lacksTitle, setLacksTitle] = useState(false)
  const [name, refused, known] = [useId(), useId(), useId()]
  const state = area ?? areas[0] ?? ''
  const sites = useSites(state)
  const make = () => {
    const isUntitled = title.trim() === ''
    setLacksTitle(isUntitled)
    if (isUntitled) return
    const order = newWorkOrder({ title: title.trim(), state, site, priority, ...(due !== '' && { due }) })
    action.run(async () => {
      const id = await replica.create(ORDERS, order as unknown as JsonObject)
      goTo({ page: 'order', id })
    })
  }
  return (
    <Page title={words.pages.new}>
      <p>{words.new.lead}</p>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          make()
        }}
      >
        <label htmlFor={name}>{words.fields.title}</label>
        <input
          id={name}
          required
          aria-invalid={lacksTitle}
          aria-describedby={lacksTitle ? refused : undefined}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        {lacksTitle && (
          <p id={refused} className="banner bad" role="alert">
            {words.new.needsTitle}
          </p>
        )}
        <label className="stack">
          {words.fields.state}
          <select value={state} onChange={(event) => setArea(event.target.value)}>
            {areas.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label className="stack">
          {words.fields.site}
          <input list={known} value={site} onChange={(event) => setSite(event.target.value)} />
        </label>
        <datalist id={known}>
          {sites.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </datalist>
        <label className="stack">
          {words.fields.priority}
          <select
            value={priority}
            onChange={(event) =>
              setPriority(priorities.find((one) => one === event.target.value) ?? 'normal')
            }
          >
            {priorities.map((one) => (
              <option key={one} value={one}>
                {words.priority[one]}
              </option>
            ))}
          </select>
        </label>
        <label className="stack">
          {words.fields.due}
          <input type="date" value={due} onChange={(event) => setDue(event.target.value)} />
        </label>
        <Failed reason={action.failed} />
        {state === '' && <p className="banner">{words.new.noArea}</p>}
        <button type="submit" className="main" disabled={action.isRunning || state === ''}>
          {words.new.make}
        </button>
      </form>
    </Page>
  )
}
