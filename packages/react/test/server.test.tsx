/** On a server there is no window and no replica: everything is loading, and a page takes it over without a word. */

import { englishWords } from '@skerry/live'
import { jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import {
  SkerryProvider,
  useAside,
  useDraft,
  useOutbox,
  usePresence,
  useRecord,
  useRecords,
  useSaved,
  useStorage,
  useSync,
} from '@skerry/react'
import { renderToString } from 'react-dom/server'
import { beforeAll, expect, test } from 'vitest'
import { opened } from './opened.ts'

beforeAll(startEngine)

function Everything() {
  const saved = useSaved(jobs, 'one', { systems: ['crm'], words: englishWords })
  const states = [
    useRecords(jobs, (all) => all.where({ status: 'open' }).filter(() => true)),
    useRecord(jobs, 'one'),
    useDraft(jobs, 'one'),
    saved,
    useSync(),
    usePresence('site:SEA', 'here'),
    useAside(),
    useOutbox(),
    useStorage(),
  ].map(({ state }) => state)
  const title = useRecord(jobs, 'one', (record) => record.title)
  return `${[...new Set(states)].join()} ${states.length} ${saved.words}${title}`
}

test('without a replica, and with one, everything is loading and nothing is begun', async () => {
  expect('window' in globalThis).toBe(false)
  const live = await opened()
  const refuse = () => {
    throw new Error('a server begins no watch')
  }
  Object.assign(live, { watch: refuse, watchSync: refuse, presence: refuse, watchStanding: refuse })
  for (const replica of [undefined, live])
    expect(
      renderToString(
        <SkerryProvider replica={replica}>
          <Everything />
        </SkerryProvider>,
      ),
    ).toBe('loading 9 undefined')
})
