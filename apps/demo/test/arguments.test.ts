/** What `npm start -- …` says to arguments that it cannot follow, and to who asks which there are. */
import { expect, test } from 'vitest'
import { expectNothingLeft, play } from './played.ts'

test.each([
  [['--erp', 'nonsense'], /^there is no --erp nonsense\nusage: npm start .*--erp tryton/s],
  [['--erp'], /^Option '--erp <value>' argument missing\nusage: npm start/],
  [['--onec'], /^Unknown option '--onec'.*\nusage: npm start/s],
  [['tryton'], /^Unexpected argument 'tryton'.*\nusage: npm start/s],
])('%j: exit 2, with what there is', async (args, words) => {
  const story = play(args)
  expect(await story.ended).toEqual({ code: 2, out: expect.stringMatching(words) })
  expectNothingLeft(story)
})

test.each(['--help', '-h'])('%s: what there is, and exit 0', async (asked) => {
  const story = play([asked])
  expect(await story.ended).toEqual({
    code: 0,
    out: expect.stringMatching(/^usage: npm start .*--once.*--erp/s),
  })
  expectNothingLeft(story)
})

test('a system that is not installed: exit 2, with the command that gets it', async () => {
  // Without its commands on the search path it is as good as not there.
  const story = play(['--once', '--erp', 'tryton'], { PATH: '/nowhere' })
  expect(await story.ended).toEqual({
    code: 2,
    out: expect.stringMatching(
      /^--erp tryton: tryton is not installed here: apt-get install .*tryton-server/,
    ),
  })
  expectNothingLeft(story)
})
