/** MATRIX.md: the catalogue of faults, and what the tests show of it. */
import { catalogue, groups } from './catalogue.ts'
import { faultTitles } from './fault-title.ts'
import type { Table } from './table.ts'

export const faultTable: Table = {
  name: 'faults',
  page: 'test/faults/MATRIX.md',
  heading: [
    '# Faults, and what holds\n',
    'Made by `npm run matrix`, which runs every test whose title begins with `fault` and the id of a case; not to be edited by hand. The cases stand in `test/faults/src/matrix/catalogue.ts`.',
    'In all of them: no acknowledged edit is lost, nobody else is disturbed, and nobody has to mend a file by hand.\n',
  ].join('\n'),
  columns: ['fault', 'expected'],
  without: 'not injected',
  groups,
  lines: catalogue.map(({ fault, expected, notInjected, ...rest }) => ({
    ...rest,
    told: [fault, expected],
    ...(notInjected !== undefined && { without: notInjected }),
  })),
  titles: faultTitles,
}
