import { expect, test } from 'vitest'
import { blocks, read } from './documents.ts'

/** Lines: a first example that fits on a screen beside its reader's own editor. */
const FIRST_EXAMPLE_LINES_MAX = 25

test('the example in the first README is type-checked as example.ts, and short', () => {
  const example = read('test/readme/src/example.ts')
  const printed = blocks.filter(({ at, language }) => at.startsWith('README.md:') && language === 'ts')
  expect(printed.map(({ code }) => code)).toEqual([example])
  expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(FIRST_EXAMPLE_LINES_MAX)
})
