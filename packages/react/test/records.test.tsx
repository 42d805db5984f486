// @vitest-environment happy-dom
/** Live queries in components: what is rendered, and how often. */
import type { Seen } from '@skerry/core'
import type { LiveReplica } from '@skerry/live'
import { type Job, job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { SkerryProvider, useRecord, useRecords } from '@skerry/react'
import { act, memo, StrictMode, useState } from 'react'
import { beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { opened, page } from './opened.ts'

beforeAll(startEngine)

const MANY = 1_000

function Titles({ search = '' }: { search?: string }) {
  const { state, records } = useRecords(jobs, (all) =>
    all
      .where({ status: 'open' })
      .orderBy('title')
      .filter(({ title }) => title.includes(search)),
  )
  return state === 'loading' ? 'loading' : `[${records.map(({ title }) => title).join()}]`
}

async function rename(live: LiveReplica, id: string, title: string): Promise<void> {
  const base = (await live.get('jobs', id))!
  await act(() => live.update('jobs', id, { base, wanted: { ...base, title } }))
}

describe('useRecords', () => {
  test('shows the records of its query, and every change of them', async () => {
    const live = await opened()
    await Promise.all(['b', 'a'].map((title) => live.create('jobs', job({ title }), title)))
    const { render, text, until } = page()
    await render(
      <SkerryProvider replica={live}>
        <Titles />
      </SkerryProvider>,
    )
    await until((shown) => shown === '[a,b]')
    await rename(live, 'a', 'c')
    expect(text()).toBe('[b,c]')
    await act(() => live.remove('jobs', 'b'))
    expect(text()).toBe('[c]')
  })

  test('follows another query, another filter and another replica', async () => {
    const [live, other] = [await opened(), await opened()]
    await Promise.all(['ab', 'b'].map((title) => live.create('jobs', job({ title }), title)))
    const { render, until } = page()
    const shown = (replica: LiveReplica | undefined, search?: string) =>
      render(
        <SkerryProvider replica={replica}>
          <Titles {...(search !== undefined && { search })} />
        </SkerryProvider>,
      )
    await shown(undefined)
    await until((text) => text === 'loading')
    await shown(live)
    await until((text) => text === '[ab,b]')
    await shown(live, 'a')
    await until((text) => text === '[ab]')
    await shown(other)
    await until((text) => text === '[]')
  })

  test(`of ${MANY} records one changes: one row renders again`, async () => {
    const live = await opened()
    const ids = Array.from({ length: MANY }, (_, i) => `j${String(i).padStart(4, '0')}`)
    await Promise.all(ids.map((id) => live.create('jobs', job({ title: id }), id)))
    const rendered: string[] = []
    const Row = memo(({ record }: { record: Seen<Job> }) => {
      rendered.push(record.id)
      return <li>{record.title}</li>
    })
    function List() {
      rendered.push('list')
      return useRecords(jobs).records.map((record) => <Row key={record.id} record={record} />)
    }
    const { render, until, element } = page()
    await render(
      <SkerryProvider replica={live}>
        <List />
      </SkerryProvider>,
    )
    await until(() => element.childElementCount === MANY)
    expect(rendered).toHaveLength(2 + MANY)
    rendered.length = 0
    await rename(live, 'j0500', 'new')
    expect(rendered).toEqual(['list', 'j0500'])
    expect(element.children[500]?.textContent).toBe('new')
  })

  test('does not render when what its filter leaves is the same', async () => {
    const live = await opened()
    await Promise.all(['a', 'b'].map((title) => live.create('jobs', job({ title }), title)))
    let renders = 0
    function Filtered() {
      renders += 1
      return useRecords(jobs, (all) => all.filter(({ id }) => id === 'a')).records.length
    }
    const { render, until } = page()
    await render(
      <SkerryProvider replica={live}>
        <Filtered />
      </SkerryProvider>,
    )
    await until((shown) => shown === '1')
    renders = 0
    await rename(live, 'b', 'c')
    expect(renders).toBe(0)
    await rename(live, 'a', 'd')
    expect(renders).toBe(1)
  })

  test('in StrictMode and with several that ask the same there is one watch, and none once they have gone', async () => {
    const live = await opened()
    let [begun, ended] = [0, 0]
    const { watch } = live
    live.watch = (...args) => {
      begun += 1
      const stop = watch(...args)
      return () => {
        ended += 1
        stop()
      }
    }
    const { render, until, unmount } = page()
    await render(
      <StrictMode>
        <SkerryProvider replica={live}>
          <Titles />
          <Titles />
        </SkerryProvider>
      </StrictMode>,
    )
    await until((shown) => shown === '[][]')
    expect([begun, ended]).toEqual([1, 0])
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await unmount()
    vi.runAllTimers()
    vi.useRealTimers()
    expect([begun, ended]).toEqual([1, 1])
  })

  test('shows a refusal as part of its snapshot', async () => {
    const live = await opened()
    function Wrong() {
      const { state, error } = useRecords(jobs, (all) => all.orderBy('colour' as never))
      return `${state} ${error?.code}`
    }
    const { render, until } = page()
    await render(
      <SkerryProvider replica={live}>
        <Wrong />
      </SkerryProvider>,
    )
    await until((shown) => shown === 'failed unknown-field')
  })

  test('outside of a provider says what is missing', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await expect(page().render(<Titles />)).rejects.toThrow(/outside of <SkerryProvider/)
    silent.mockRestore()
  })
})

describe('useRecord', () => {
  test('renders for its record, and with a selector for what that gives', async () => {
    const live = await opened()
    await Promise.all(['a', 'b'].map((id) => live.create('jobs', job({ title: id, hours: 1 }), id)))
    const renders = { whole: 0, title: 0 }
    function Whole({ id }: { id: string }) {
      renders.whole += 1
      const { record } = useRecord(jobs, id)
      expectTypeOf(record).toEqualTypeOf<Seen<Job> | undefined>()
      return record?.hours
    }
    function Title() {
      renders.title += 1
      const title = useRecord(jobs, 'a', (record) => record.title)
      expectTypeOf(title).toEqualTypeOf<string | undefined>()
      return title
    }
    let show: (id: string) => void = () => undefined
    function Both() {
      const [id, setId] = useState('a')
      show = setId
      return [<Whole key="whole" id={id} />, <Title key="title" />]
    }
    const { render, until, text } = page()
    await render(
      <SkerryProvider replica={live}>
        <Both />
      </SkerryProvider>,
    )
    await until((shown) => shown === '1a')
    Object.assign(renders, { whole: 0, title: 0 })
    await rename(live, 'b', 'other')
    expect(renders).toEqual({ whole: 0, title: 0 })
    const base = (await live.get('jobs', 'a'))!
    await act(() => live.update('jobs', 'a', { base, wanted: { ...base, hours: 4 } }))
    expect([text(), renders]).toEqual(['4a', { whole: 1, title: 0 }])
    await rename(live, 'a', 'x')
    expect([text(), renders]).toEqual(['4x', { whole: 2, title: 1 }])
    await act(async () => show('none'))
    await until((shown) => shown === 'x')
  })
})
