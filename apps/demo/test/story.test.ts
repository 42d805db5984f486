/** The story from end to end, as whoever types `npm start -- --once` sees it: nine processes, and none of them left afterwards. */
import { expect, test } from 'vitest'
import { expectAllHeld, expectNothingLeft, play } from './played.ts'
import { processesOf } from './processes.ts'

/** Milliseconds: four times what the story takes on two cores. */
const STORY_MS_MAX = 120_000

test('every claim of the story holds, and nothing is left of it', { timeout: STORY_MS_MAX }, async () => {
  const story = play(['--once'])
  const { code, out } = await story.ended
  expect({ code, out }).toMatchObject({ code: 0 })
  expectAllHeld(out)
  expectNothingLeft(story)
})

test('stopped in the middle, it ends everybody and says that it was not played', {
  timeout: STORY_MS_MAX,
}, async () => {
  const story = play(['--once'])
  await story.said('1 first sync')
  expect(processesOf(story.folder).length).toBeGreaterThan(1)
  story.child.kill('SIGINT')
  await story.said('ending: every process closes its store')
  expect((await story.ended).code).toBe(1)
  expectNothingLeft(story)
})
