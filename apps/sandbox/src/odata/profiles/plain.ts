/** A service as a framework makes it from a table: the protocol, and nothing beside. */
import { batchMax, plainPageRowsMax } from '../limits.ts'
import type { Profile } from './profile.ts'
import { visitType } from './visit.ts'

export const plain: Profile = {
  name: 'plain',
  root: '/odata',
  namespace: 'Field',
  basic: true,
  csrf: false,
  conditionRequired: false,
  etagOf: (version) => `"${version}"`,
  upserts: false,
  alternateKeys: false,
  foldsCase: false,
  answersWith: { create: 'row', change: 'nothing' },
  timeDigits: 3,
  delta: null,
  relativeLinks: false,
  batch: ['json'],
  batchMax,
  isolates: false,
  pageRowsMax: plainPageRowsMax,
  tellsTarget: true,
  refusals: { exists: { status: 409, code: 'exists' }, 'duplicate-key': { status: 409, code: 'duplicate' } },
  types: [
    visitType({
      set: 'Visits',
      name: 'Visit',
      key: 'Id',
      modified: 'ModifiedAt',
      externalId: 'Reference',
      title: 'Title',
      note: 'Note',
      cost: 'Cost',
      startsAt: 'StartsAt',
      done: 'Done',
      hours: 'Hours',
      status: 'Status',
    }),
  ],
}
