/** A work order that nobody has ordered: what is found on the way, written down on the spot. */
import type { JsonObject } from '@skerry/core'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { useState } from 'react'
import { ORDERS, priorities } from '../order/order.ts'
import { Failed } from '../pieces/failed.tsx'
import { NeededText } from '../pieces/needed-text.tsx'
import { Page } from '../pieces/page.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useSites } from '../replica/use-sites.ts'
import { useAreas } from '../replica/use-states.ts'
import { goTo } from '../route/use-route.ts'
import { useWords } from '../words/use-words.ts'

/** Letters: what a line of the list shows, and more. */
const TITLE_LENGTH_MAX = 200
const SITE_LENGTH_MAX = 100

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
  const [lacks, setLacks] = useState<'title' | 'site'>()
  const state = area ?? areas[0] ?? ''
  const sites = useSites(state)
  const make = () => {
    const lacking = title.trim() === '' ? 'title' : site.trim() === '' ? 'site' : undefined
    setLacks(lacking)
    if (lacking) return
    const order = newWorkOrder({
      title: title.trim(),
      state,
      site: site.trim(),
      priority,
      ...(due !== '' && { due }),
    })
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
        <NeededText
          label={words.fields.title}
          lettersMax={TITLE_LENGTH_MAX}
          value={title}
          onChange={setTitle}
          refused={lacks === 'title' ? words.new.needsTitle : undefined}
        />
        <label className="stack">
          {words.fields.state}
          <select value={state} onChange={(event) => setArea(event.target.value)}>
            {areas.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <NeededText
          label={words.fields.site}
          lettersMax={SITE_LENGTH_MAX}
          value={site}
          onChange={setSite}
          refused={lacks === 'site' ? words.new.needsSite : undefined}
          offered={sites}
        />
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
