/** CAPABILITIES.md: what is asked of a bridge between systems, and what the tests show of it. */
import { capabilities, capabilityGroups } from './capabilities.ts'
import { capabilityTitles } from './capability-title.ts'
import type { Table } from './table.ts'

export const capabilityTable: Table = {
  name: 'capabilities',
  page: 'packages/bridge/CAPABILITIES.md',
  heading: [
    '# What a bridge must be able to do, and what shows it\n',
    'Made by `npm run matrix`, which runs every test whose title begins with the id of a capability; not to be edited by hand. The lines stand in `test/faults/src/matrix/capabilities.ts`. What is',
    '*not there* has the reason beside it, and what to use instead.\n',
  ].join('\n'),
  columns: ['capability'],
  without: 'not there',
  groups: capabilityGroups,
  lines: capabilities.map(({ capability, instead, ...rest }) => ({
    ...rest,
    told: [capability],
    ...(instead !== undefined && { without: instead }),
  })),
  titles: capabilityTitles,
}
