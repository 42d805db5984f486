/** Forms: two people type into one text, and both keep their letters. */

import { SeededRandom } from '@skerry/core/testing'
import { type LiveReplica, liveDraft } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { opened, until } from './opened.ts'

beforeAll(startEngine)

const none = () => undefined

async function form(live: LiveReplica) {
  const draft = liveDraft(live, jobs, 'one')
  draft.subscribe(none)
  await until(draft, ({ state }) => state === 'ready')
  const type = (letters: string) =>
    draft.change((record) => {
      record.notes = (record.notes ?? '') + letters
    })
  return { draft, type, saved: () => until(draft, ({ isDirty }) => !isDirty) }
}

async function typeThere(live: LiveReplica, letters: string): Promise<void> {
  const base = (await live.get('jobs', 'one'))!
  await live.update('jobs', 'one', { base, wanted: { ...base, notes: letters + (base.notes as string) } })
}

describe('a draft', () => {
  test('shows at once what is typed, saves it, and each letter once', async () => {
    const { live } = await opened()
    await live.create('jobs', job({ notes: '' }), 'one')
    const { draft, type, saved } = await form(live)
    for (const letter of 'the pump') type(letter)
    expect(draft.get()).toMatchObject({ isDirty: true, record: { notes: 'the pump' } })
    await saved()
    expect(draft.get().record?.notes).toBe('the pump')
    expect((await live.get('jobs', 'one'))?.notes).toBe('the pump')
  })

  test('keeps what others type meanwhile, whenever it comes', async () => {
    const { live } = await opened()
    await live.create('jobs', job({ notes: '|' }), 'one')
    const { draft, type, saved } = await form(live)
    const random = new SeededRandom(5)
    let [here, there] = ['', '']
    for (let i = 0; i < 60; i++) {
      if (random.below(2) === 0) {
        type('h')
        here += 'h'
      } else {
        there += 't'
        const typed = typeThere(live, 't')
        if (random.below(2) === 0) await typed
        else await Promise.resolve()
      }
      if (random.below(3) === 0) await saved()
    }
    await saved()
    await until(draft, ({ record }) => record?.notes === `${there}|${here}`)
    expect((await live.get('jobs', 'one'))?.notes).toBe(`${there}|${here}`)
  })

  test('keeps what was refused, with the reason, and saves it once it is right', async () => {
    const { live } = await opened()
    await live.create('jobs', job(), 'one')
    const { draft, saved } = await form(live)
    draft.change((record) => {
      record.status = 'lost' as never
    })
    const { error, record, isDirty } = await until(draft, (snapshot) => snapshot.error !== undefined)
    expect([error?.name, record?.status, isDirty]).toEqual(['RecordInvalid', 'lost', true])
    await typeThere(live, 'x').catch(none)
    draft.change((one) => {
      one.status = 'done'
    })
    expect((await saved()).error).toBeUndefined()
    expect((await live.get('jobs', 'one'))?.status).toBe('done')
  })

  test('saves what was typed also when the form is gone', async () => {
    const { live, space } = await opened()
    await live.create('jobs', job({ notes: '' }), 'one')
    const draft = liveDraft(live, jobs, 'one')
    const stop = draft.subscribe(none)
    await until(draft, ({ state }) => state === 'ready')
    const release = space.holdCommits()
    draft.change((record) => {
      record.title = 'a'
    })
    draft.change((record) => {
      record.title = 'ab'
    })
    stop()
    release()
    await until(draft, ({ isDirty }) => !isDirty)
    expect((await live.get('jobs', 'one'))?.title).toBe('ab')
  })

  test('of what is not there is nothing, and changes nothing', async () => {
    const { live } = await opened()
    const { draft, type } = await form(live)
    type('x')
    expect(draft.get()).toEqual({ state: 'ready', record: undefined, isDirty: false, error: undefined })
  })
})
