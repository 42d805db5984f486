/** SAP S/4HANA: a CSRF token for every change, entity tags asked for, no deltas, times of seven digits. */
import { batchMax, sapPageRowsMax } from '../limits.ts'
import type { Profile } from './profile.ts'
import { visitType } from './visit.ts'

export const sap: Profile = {
  name: 'sap',
  root: '/sap/opu/odata4/skerry/field_service/srvd/skerry/visits/0001',
  namespace: 'com.sap.gateway.srvd.skerry.visits.v0001',
  basic: true,
  csrf: true,
  conditionRequired: true,
  etagOf: (version) => `W/"SADL-${String(version).padStart(8, '0')}"`,
  upserts: false,
  alternateKeys: false,
  foldsCase: false,
  answersWith: { create: 'row', change: 'row' },
  timeDigits: 7,
  delta: null,
  relativeLinks: true,
  batch: ['multipart', 'json'],
  batchMax,
  isolates: false,
  pageRowsMax: sapPageRowsMax,
  tellsTarget: true,
  refusals: {
    stale: { code: 'ZVISIT/012' },
    'condition-missing': { code: 'ZVISIT/028' },
    'csrf-missing': { code: 'ZVISIT/403', message: 'CSRF token validation failed' },
    'no-such-row': { status: 404, code: 'ZVISIT/020', message: 'Resource not found.' },
    'duplicate-key': { code: 'ZVISIT/021' },
    exists: { status: 400, code: 'ZVISIT/022' },
    'rule-broken': { code: 'ZVISIT/100' },
  },
  types: [
    visitType({
      set: 'Visits',
      name: 'VisitType',
      key: 'VisitUUID',
      modified: 'LastChangedAt',
      externalId: 'ExternalReference',
      title: 'Title',
      note: 'Note',
      cost: 'Cost',
      startsAt: 'StartsAt',
      done: 'IsDone',
      hours: 'Hours',
      status: 'Status',
    }),
  ],
}
