// @vitest-environment happy-dom
/** The panel in a document without a browser, over a real replica: what each tab shows, and what is left when it goes. How it looks, and over a worker, is tried in apps/field. */

import { type DevtoolsOptions, mountDevtools } from '@skerry/devtools'
import { inspection } from '@skerry/devtools/worker'
import { type Inspect, liveOver } from '@skerry/live'
import { contractSpace, job } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'

beforeAll(startEngine)

async function mounted(options: Partial<DevtoolsOptions> = {}) {
  const space = await contractSpace()
  const live = liveOver(space.edge, { host: space.host })
  onTestFinished(async () => {
    await live.close()
    await space.close()
  })
  const inspect = await inspection(space.edge).inspect()
  const element = document.createElement('div')
  document.body.append(element)
  const unmount = mountDevtools(element, { replica: live, inspect, ...options })
  onTestFinished(unmount)
  const root = element.shadowRoot!
  const shown = () => root.querySelector('[role="tabpanel"]:not([hidden])')?.textContent ?? ''
  const tab = (name: string) => root.querySelector<HTMLElement>(`#tab-${name}`)!.click()
  const press = (text: string) =>
    [...root.querySelectorAll('button')]
      .find((button) => button.textContent === text || button.textContent?.startsWith(text))!
      .click()
  const until = (text: string | RegExp) =>
    vi.waitFor(() => expect(shown()).toMatch(text), { timeout: 10_000 })
  return { space, live, inspect, element, root, shown, tab, press, until, unmount }
}

test('DT-10 DT-11 DT-13 DT-14: every tab shows its part of a record', async () => {
  const { live, tab, press, until, root } = await mounted()
  const id = await live.create('jobs', job({ title: '<b>pump</b>', hours: 1 }))
  await live.update('jobs', id, {
    base: (await live.get('jobs', id))!,
    wanted: { ...(await live.get('jobs', id))!, title: 'pump 7' },
  })
  await until(`jobs/${id}`)
  tab('Records')
  await until('1 record')
  // By its title, not by the text that comes first.
  await until(`${id}pump 7`)
  press(id)
  await until(/"title": "pump 7"[\s\S]*Heads[0-9a-f]{64}/)
  await until('2 unsent')
  press('History')
  await until('Change 2 of 2')
  await until('tech:ana')
  press('◀')
  // DT-5: text, whatever it looks like.
  await until('<b>pump</b>')
  expect(root.querySelector('b')).toBeNull()
  tab('Concurrent')
  await until('No field of it has more than one value')
  tab('Sessions')
  await until('There is no line')
  tab('Network')
  await until('The simulator is off.')
})

test('DT-13 DT-14: a value that loses is told too, though the record looks as it did', async () => {
  const { space, live, tab, press, until } = await mounted()
  const id = await live.create('jobs', job({ title: 'a' }))
  const first = space.connect()
  await live.saved('jobs', id, 'hub')
  await first.close()
  // More changes on this side: its value is the one that shows.
  for (const title of ['b', 'c']) {
    const base = (await live.get('jobs', id))!
    await live.update('jobs', id, { base, wanted: { ...base, title } })
  }
  await space.hub.jobs.update(id, (draft) => {
    draft.title = 'of the hub'
  })
  tab('Records')
  await until('1 record')
  press(id)
  tab('History')
  await until('Change 3 of 3')
  const second = space.connect()
  await until('Change 4 of 4')
  await second.close()
  tab('Concurrent')
  await until('of the hub')
  expect((await live.get('jobs', id))!.title).toBe('c')
})

test('DT-13: a record that was deleted is told as such', async () => {
  const { live, tab, until, root, press } = await mounted()
  const id = await live.create('jobs', job())
  await live.remove('jobs', id)
  await until(`jobs/${id}`)
  root.querySelector<HTMLElement>('tbody button')!.click()
  await vi.waitFor(() => press('Its history'), { timeout: 10_000 })
  await until('It was deleted then.')
  tab('Records')
  await until('It was deleted.')
})

test('DT-25: what the simulator refuses is said where it was asked', async () => {
  const { tab, until, root } = await mounted()
  tab('Network')
  await until('The simulator is off.')
  const [bytes] = root.querySelectorAll<HTMLInputElement>('input[type="number"]')
  bytes!.value = '1'
  const slow = root.querySelector<HTMLInputElement>('input[value="slow"]')!
  slow.checked = true
  slow.dispatchEvent(new Event('change'))
  await until('bytesPerSecond 1: give a number from 50')
})

test('DT-6: without an inspect the rest is there, and the others say how to give it', async () => {
  const { live, tab, until, shown } = await mounted({ inspect: undefined, collections: ['jobs'] })
  await live.create('jobs', job())
  await until('1 record')
  for (const name of ['Log', 'Sessions', 'Network']) {
    tab(name)
    expect(shown()).toContain('inspectTabs')
  }
})

test('DT-6: what fails is said in its words', async () => {
  const failing = {
    about: () => Promise.reject(new Error('the worker is of another build')),
    watchLog: (_: number, __: unknown, failed: (error: Error) => void) => {
      queueMicrotask(() => failed(new Error('no log today')))
      return () => undefined
    },
  } as unknown as Inspect
  const { tab, until } = await mounted({ inspect: failing })
  await until('no log today')
  tab('Records')
  await until('the worker is of another build')
})

test('DT-3 DT-4: keys, the height, and nothing left when it goes', async () => {
  const heights: number[] = []
  let closed = 0
  const { root, unmount, element, inspect } = await mounted({
    resized: (px) => heights.push(px),
    closed: () => {
      closed += 1
    },
    theme: 'dark',
  })
  let watches = 0
  const { watchLines } = inspect
  inspect.watchLines = (told, failed) => {
    const stop = watchLines(told, failed)
    watches += 1
    return () => {
      watches -= 1
      stop()
    }
  }
  const key = (target: Element, name: string) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }))
  const selected = () => root.querySelector('[aria-selected="true"]')!.textContent
  expect(selected()).toBe('Log')
  key(root.querySelector('#tab-Log')!, 'ArrowLeft')
  expect(selected()).toBe('Network')
  key(root.querySelector('#tab-Network')!, 'ArrowRight')
  expect(selected()).toBe('Log')
  key(root.querySelector('#tab-Log')!, 'End')
  key(root.querySelector('#tab-Network')!, 'ArrowLeft')
  expect(selected()).toBe('Sessions')
  expect(watches).toBe(1)
  expect(root.querySelectorAll('[role="tab"][tabindex="0"]')).toHaveLength(1)
  const grip = root.querySelector('[role="separator"]')!
  const before = heights.at(-1)!
  key(grip, 'ArrowUp')
  expect(heights.at(-1)).toBe(before + 40)
  key(grip, 'Home')
  expect(heights.at(-1)).toBe(120)
  key(grip, 'ArrowDown')
  expect(heights.at(-1)).toBe(120)
  key(grip, 'End')
  expect(heights.at(-1)).toBe(innerHeight - 40)
  expect(element.dataset.theme).toBe('dark')
  root.querySelector<HTMLElement>('.close')!.click()
  expect(closed).toBe(1)
  unmount()
  expect(watches).toBe(0)
  expect(root.childElementCount).toBe(0)
  expect(heights.at(-1)).toBe(0)
})
