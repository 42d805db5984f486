/** Dynamics 365 on Dataverse: upserts, alternate keys, change tracking, a window of requests for each user. Error codes as its list of web service errors has them. */
import { dataverseBatchMax, dataversePageRowsMax } from '../limits.ts'
import type { Profile } from './profile.ts'
import { visitType } from './visit.ts'

export const dataverse: Profile = {
  name: 'dataverse',
  root: '/api/data/v9.2',
  namespace: 'Microsoft.Dynamics.CRM',
  basic: false,
  csrf: false,
  conditionRequired: false,
  etagOf: (version) => `W/"${468_000 + version}"`,
  upserts: true,
  alternateKeys: true,
  unaddressable: /[<>*%&:/\\?+]/,
  foldsCase: true,
  answersWith: { create: 'nothing', change: 'nothing' },
  timeDigits: 0,
  delta: 'deletedEntity',
  relativeLinks: false,
  batch: ['multipart'],
  batchMax: dataverseBatchMax,
  isolates: false,
  pageRowsMax: dataversePageRowsMax,
  tellsTarget: false,
  refusals: {
    'unknown-property': { code: '0x80048d19' },
    'invalid-value': { code: '0x80048d19' },
    'rule-broken': { code: '0x80040265' },
    'no-such-row': { code: '0x80040217' },
    'duplicate-key': { status: 412, code: '0x80060892' },
    exists: { code: '0x80040237', message: 'A record with matching key values already exists.' },
    stale: {
      code: '0x80060882',
      message: "The version of the existing record doesn't match the RowVersion property provided.",
    },
    'delta-expired': {
      status: 400,
      code: '0x80044352',
      message: 'Version stamp associated with the client has expired. Please perform a full sync.',
    },
    throttled: { code: '0x80072322' },
  },
  types: [
    visitType({
      set: 'skerry_visits',
      name: 'skerry_visit',
      key: 'skerry_visitid',
      modified: 'modifiedon',
      externalId: 'skerry_externalid',
      title: 'skerry_name',
      note: 'skerry_note',
      cost: 'skerry_cost',
      startsAt: 'skerry_startsat',
      done: 'skerry_done',
      hours: 'skerry_hours',
      status: 'skerry_status',
    }),
  ],
}
