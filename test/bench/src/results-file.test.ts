import { expect, it } from 'vitest'
import { withPart } from './results-file.ts'

it('writes one part of the results and keeps the other, whichever comes first', () => {
  const both = withPart(withPart('# One\n', 'bench:bridge', '# Two'), 'bench', '# One, later\n\nmore')
  expect(both).toMatch(/^# One, later\n\nmore\n\n<!-- .* -->\n\n# Two\n$/)
  expect(withPart(both, 'bench:bridge', '# Two, later')).toBe(both.replace('# Two', '# Two, later'))
  expect(withPart('# One\n', 'bench', '# Other')).toBe('# Other\n')
})
