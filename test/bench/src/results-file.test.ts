import { expect, it } from 'vitest'
import { withPart } from './results-file.ts'

it('writes one part of the results and keeps the others, whichever comes first', () => {
  const both = withPart(withPart('# One\n', 'bench:bridge', '# Two'), 'bench', '# One, later\n\nmore')
  expect(both).toMatch(/^# One, later\n\nmore\n\n<!-- .* -->\n\n# Two\n$/)
  expect(withPart(both, 'bench:bridge', '# Two, later')).toBe(both.replace('# Two', '# Two, later'))
  expect(withPart('# One\n', 'bench', '# Other')).toBe('# Other\n')
  const three = withPart(both, 'bench:browser', '# Three')
  expect(three).toBe(`${both}\n<!-- npm run bench:browser writes what stands below. -->\n\n# Three\n`)
  expect(withPart(three, 'bench:bridge', '# Two, later')).toBe(three.replace('# Two', '# Two, later'))
  expect(withPart(three, 'bench:peers', '# Peers')).toBe(
    three.replace(
      '\n<!-- npm run bench:bridge',
      '\n<!-- npm run bench:peers writes what stands below. -->\n\n# Peers\n\n<!-- npm run bench:bridge',
    ),
  )
  expect(withPart(three, 'bench', '# Other')).toMatch(
    /^# Other\n\n<!-- .* -->\n\n# Two\n\n<!-- .* -->\n\n# Three\n$/,
  )
})
