// @vitest-environment happy-dom
/** A page that a server made is taken over as it is, also where the replica knows more by then. */
import { live as all, liveSync } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { SkerryProvider, useRecords, useSync } from '@skerry/react'
import { act } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { beforeAll, expect, test } from 'vitest'
import { opened } from './opened.ts'

beforeAll(startEngine)

function Count() {
  const { state, records } = useRecords(jobs)
  return <p>{`${state} ${records.length} ${useSync().state}`}</p>
}

test('it shows what the server made, then what is here, and React finds no difference', async () => {
  const live = await opened()
  await live.create('jobs', job())
  const query = all(live, jobs)
  const line = liveSync(live)
  const stops = [query, line].map(({ subscribe }) => subscribe(() => undefined))
  while (query.get().state === 'loading' || line.get().state === 'loading')
    await new Promise((resolve) => setTimeout(resolve, 1))
  const element = document.createElement('div')
  element.innerHTML = renderToString(
    <SkerryProvider replica={undefined}>
      <Count />
    </SkerryProvider>,
  )
  expect(element.textContent).toBe('loading 0 loading')
  const recovered: unknown[] = []
  let root: Root | undefined
  await act(async () => {
    root = hydrateRoot(
      element,
      <SkerryProvider replica={live}>
        <Count />
      </SkerryProvider>,
      { onRecoverableError: (error) => recovered.push(error) },
    )
  })
  expect([element.textContent, recovered]).toEqual(['ready 1 ready', []])
  await act(async () => root?.unmount())
  for (const stop of stops) stop()
})
