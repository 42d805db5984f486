/** The story with the real Tryton, as whoever types `npm start -- --erp tryton` sees it. */
import { readdirSync } from 'node:fs'
import { lackOf } from '@skerry/systems'
import { describe, expect, test, vi } from 'vitest'
import { expectAllHeld, expectNothingLeft, type Played, play } from './played.ts'

/** Milliseconds: four times what the story takes on two cores. */
const STORY_MS_MAX = 400_000

async function stopped(story: Played): Promise<void> {
  story.child.kill('SIGINT')
  const { code, out } = await story.ended
  expect({ code, out }).toMatchObject({ code: 1 })
  expectNothingLeft(story)
}

describe.skipIf(lackOf('tryton') !== undefined)('the story with Tryton', () => {
  test('every claim holds, and nothing is left', { timeout: STORY_MS_MAX }, async () => {
    const story = play(['--once', '--erp', 'tryton'])
    const { code, out } = await story.ended
    expect({ code, out }).toMatchObject({ code: 0 })
    expectAllHeld(out)
    expect(out).toContain('Tryton http://localhost:')
    expectNothingLeft(story)
  })

  test.each(['skerry-postgres-', 'skerry-tryton-'])(
    'stopped when there is the folder %s, it ends everybody',
    async (name) => {
      const story = play(['--once', '--erp', 'tryton'])
      const isThere = () => readdirSync(story.folder).some((folder) => folder.startsWith(name))
      await vi.waitUntil(isThere, { timeout: STORY_MS_MAX, interval: 10 })
      await stopped(story)
    },
  )

  test('stopped while sites are made, it ends everybody', async () => {
    const story = play(['--once', '--erp', 'tryton'])
    await story.said('1 first sync')
    await stopped(story)
  })
})
