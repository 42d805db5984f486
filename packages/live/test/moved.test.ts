/** A worker that dies with an edit under way: whether it was done cannot be told, and a form writes it once all the same (SPEC of @skerry/tabs, O-2). */
import { LiveError, type LiveReplica, liveDraft } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { opened, until } from './opened.ts'

beforeAll(startEngine)

/** The first update is done, or not, and its answer is lost. */
function losesFirstAnswer(live: LiveReplica, isDone: boolean): void {
  const update = live.update.bind(live)
  live.update = async (...args) => {
    live.update = update
    if (isDone) await update(...args)
    throw new LiveError('LiveError', 'moved', 'the worker ended while this was under way')
  }
}

test.each([true, false])('what was typed is there once (the lost edit was done: %s)', async (isDone) => {
  const { live } = await opened()
  await live.create('jobs', job({ notes: 'seen' }), 'one')
  const draft = liveDraft(live, jobs, 'one')
  draft.subscribe(() => undefined)
  await until(draft, ({ state }) => state === 'ready')
  losesFirstAnswer(live, isDone)
  draft.change((record) => {
    record.notes = 'seen, leaks'
  })
  const { error } = await until(draft, ({ isDirty }) => !isDirty)
  expect(error).toBeUndefined()
  expect(await live.get('jobs', 'one')).toMatchObject({ notes: 'seen, leaks' })
})
