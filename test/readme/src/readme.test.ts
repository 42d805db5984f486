import { expect, test } from 'vitest'
import { blocks, read } from './documents.ts'

/** Lines: a first example that fits on a screen beside its reader's own editor. */
const FIRST_EXAMPLE_LINES_MAX = 25

test('the examples in the first README are type-checked here, and the first is short', () => {
  const example = read('test/readme/src/example.ts')
  const presence = read('test/readme/src/example-presence.ts')
  const printed = blocks.filter(({ at, language }) => at.startsWith('README.md:') && language === 'ts')
  expect(printed.map(({ code }) => code)).toEqual([example, presence])
  expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(FIRST_EXAMPLE_LINES_MAX)
})
