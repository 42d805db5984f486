// @vitest-environment happy-dom
/** The line, what waits, what came back, who is here, and forms. */
import { englishWords, type LiveReplica } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import {
  SkerryProvider,
  useAside,
  useDraft,
  useEdits,
  useOutbox,
  usePresence,
  useReplica,
  useSaved,
  useStorage,
  useSync,
} from '@skerry/react'
import { act, type ReactNode, StrictMode } from 'react'
import { beforeAll, expect, test } from 'vitest'
import { opened, type Page, page } from './opened.ts'

beforeAll(startEngine)

async function shown(live: LiveReplica, node: ReactNode): Promise<Page> {
  const shownOn = page()
  await shownOn.render(
    <StrictMode>
      <SkerryProvider replica={live}>{node}</SkerryProvider>
    </StrictMode>,
  )
  return shownOn
}

test('where the edits of a record stand, in words', async () => {
  const live = await opened({ line: true })
  await live.setOffline(true)
  const id = await live.create('jobs', job())
  const words = { ...englishWords, hub: () => 'In der Zentrale' }
  function Chip() {
    return useSaved(jobs, id, { words }).words
  }
  const { until } = await shown(live, <Chip />)
  await until((text) => text === 'Saved on this device')
  await act(() => live.setOffline(false))
  await until((text) => text === 'In der Zentrale')
})

test('the line, the outbox and what was set aside', async () => {
  const live = await opened({ line: true })
  const id = await live.create('jobs', job())
  await live.saved('jobs', id, 'hub')
  function Chip() {
    const { value: sync } = useSync()
    const { value: outbox } = useOutbox()
    const { value: aside } = useAside()
    return `${sync?.phase} ${sync?.pending} ${outbox?.length} ${aside?.length}`
  }
  const { until } = await shown(live, <Chip />)
  await until((text) => text === 'open 0 0 0')
  await act(() => live.setOffline(true))
  const base = (await live.get('jobs', id))!
  await act(() => live.update('jobs', id, { base, wanted: { ...base, site: 'PDX' } }))
  await until((text) => text === 'off 1 1 0')
  await act(() => live.setOffline(false))
  await until((text) => text === 'open 0 0 1')
})

test('who is here sees what the page shows, until it has gone', async () => {
  const [live, told] = [await opened({ line: true }), [] as unknown[]]
  const { presence } = live
  live.presence = (channel, value, ...rest) => {
    told.push(value)
    const stop = presence(channel, value, ...rest)
    return () => {
      told.push('stopped')
      stop()
    }
  }
  function Here({ at }: { at: number }) {
    return `${usePresence('site:SEA', { at }).value?.length}`
  }
  const { render, until, unmount } = await shown(live, <Here at={1} />)
  await until((text) => text === '0')
  await render(
    <StrictMode>
      <SkerryProvider replica={live}>
        <Here at={2} />
      </SkerryProvider>
    </StrictMode>,
  )
  await until((text) => text === '0')
  expect(told).toEqual([{ at: 1 }, { at: 2 }])
  await unmount()
})

test('storage, and the replica itself', async () => {
  const live = await opened()
  function Health() {
    return `${useStorage().value?.health} ${useReplica() === live}`
  }
  const { until } = await shown(live, <Health />)
  await until((text) => text === 'kept true')
})

test('edits, and a form that keeps what is typed', async () => {
  const live = await opened()
  let [type, remove]: (() => void)[] = []
  function Form() {
    const { record, isDirty, change } = useDraft(jobs, 'one')
    const { create, remove: gone } = useEdits(jobs)
    if (!record) return <button type="button" onClick={() => create(job({ notes: '' }) as never, 'one')} />
    type = () =>
      change((draft) => {
        draft.notes += 'x'
      })
    remove = () => void gone('one')
    return `${record.notes}${isDirty ? '…' : ''}`
  }
  const { until, element } = await shown(live, <Form />)
  await until(() => element.querySelector('button') !== null)
  await act(async () => element.querySelector('button')?.click())
  await until(() => type !== undefined)
  act(() => type!())
  expect(element.textContent).toBe('x…')
  await act(async () => type!())
  await until((text) => text === 'xx')
  await act(async () => remove!())
  await until((text) => text === '')
})
