// @vitest-environment happy-dom
/** The example of the README, as somebody uses it. */
import { memoryStore } from '@skerry/core'
import { liveOver } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { act } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, onTestFinished, test } from 'vitest'
import { App, orders } from './example.tsx'
import { page } from './opened.ts'

test('orders are shown, made and written', async () => {
  const replica = await openReplica({ store: memoryStore(), collections: { orders } })
  const live = liveOver(replica, { host: nodeHost() })
  onTestFinished(async () => {
    await live.close()
    await replica.close()
  })
  await live.create('orders', { title: 'valve', status: 'open', notes: '', hours: 0 })
  const { render, until, text, element } = page()
  await render(<App replica={live} />)
  await until((shown) => shown.includes('off, 1 on their way') && shown.includes('New order'))
  await act(async () => element.querySelector('button')?.click())
  await until((shown) => shown.includes('pump 8Saved on this device'))
  expect(text()).not.toContain('valve')
})

test('a server makes it without a replica', () => {
  expect(renderToString(<App replica={undefined} />)).toBe('<output>…</output><p>…</p>')
})
