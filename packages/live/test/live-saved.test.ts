/** How far edits have come, in a word and in a sentence. */

import { englishWords, HUB, liveSaved, liveSync, savedWords } from '@skerry/live'
import { job } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { opened, until } from './opened.ts'

beforeAll(startEngine)

describe('saved', () => {
  test('here while there is no line, at the hub when it answered, and then on its way to a system', async () => {
    const { live } = await opened({ line: true })
    await live.setOffline(true)
    const id = await live.create('jobs', job())
    const [atHub, atCrm] = [liveSaved(live, 'jobs', id), liveSaved(live, 'jobs', id, ['crm'])]
    const here = await until(atHub, ({ state }) => state === 'ready')
    expect(here.value).toMatchObject({ stage: 'here', place: undefined })
    expect(savedWords(here.value!)).toBe('Saved on this device')
    await live.setOffline(false)
    const there = await until(atHub, ({ value }) => value?.stage === 'hub')
    expect(savedWords(there.value!)).toBe('Saved at the hub')
    expect((await until(atCrm, ({ value }) => value?.stage === 'hub')).value?.place).toBe(HUB)
  })

  test('refused, by whom and why', async () => {
    const { live } = await opened({ line: true })
    const id = await live.create('jobs', job())
    await live.saved('jobs', id, 'hub')
    const base = (await live.get('jobs', id))!
    const saved = liveSaved(live, 'jobs', id)
    const stop = saved.subscribe(() => undefined)
    await live.update('jobs', id, { base, wanted: { ...base, site: 'PDX' } })
    const { value } = await until(saved, (snapshot) => snapshot.value?.stage === 'refused')
    expect(savedWords(value!)).toMatch(/^Refused by the hub: .*PDX/)
    const { value: sync } = await until(liveSync(live), (snapshot) => snapshot.value?.aside === 1)
    expect(sync?.phase).toBe('open')
    stop()
  })

  test.each([
    ['outside', 'crm', '', 'Saved in crm'],
    ['refused', 'crm', 'too late', 'Refused by crm: too late'],
    ['refused', 'hub', '', 'Refused by the hub'],
    ['review', 'crm', '', 'Somebody decides about it in crm'],
  ] as const)('%s at %s, %j: %s', (stage, place, reason, expected) => {
    expect(savedWords({ stage, place, reason, standing: {} })).toBe(expected)
    expect(savedWords({ stage, place, reason, standing: {} }, { ...englishWords, [stage]: () => 'x' })).toBe(
      'x',
    )
  })
})
