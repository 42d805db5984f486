/** Dynamics 365 Business Central: deltas whose links end with 410, batches as JSON, a stale tag told as 409 (as its list of error codes has it). */
import { businessCentralBatchMax, businessCentralPageRowsMax } from '../limits.ts'
import type { Profile } from './profile.ts'
import { visitType } from './visit.ts'

export const businessCentral: Profile = {
  name: 'business-central',
  root: '/v2.0/production/api/skerry/field/v1.0/companies(b0a7b2f4-0b5c-4b0e-9a3c-6f1d2c3b4a59)',
  namespace: 'Microsoft.NAV',
  basic: false,
  csrf: false,
  conditionRequired: false,
  etagOf: (version) =>
    `W/"${Buffer.from(`19;${String(version).padStart(16, '0')}1;00;`).toString('base64')}"`,
  upserts: false,
  alternateKeys: false,
  foldsCase: false,
  answersWith: { create: 'row', change: 'row' },
  timeDigits: 3,
  delta: 'removed',
  relativeLinks: false,
  batch: ['json', 'multipart'],
  batchMax: businessCentralBatchMax,
  isolates: true,
  pageRowsMax: businessCentralPageRowsMax,
  tellsTarget: false,
  refusals: {
    'bad-request': { code: 'BadRequest' },
    'bad-query': { code: 'BadRequest' },
    'unknown-property': { code: 'BadRequest' },
    'invalid-value': { code: 'BadRequest' },
    'rule-broken': { code: 'Application_DialogException' },
    'no-such-set': { code: 'BadRequest_NotFound' },
    'no-such-row': { code: 'BadRequest_ResourceNotFound' },
    'duplicate-key': { code: 'Internal_EntityWithSameKeyExists' },
    exists: { status: 400, code: 'Internal_EntityWithSameKeyExists' },
    stale: {
      status: 409,
      code: 'Request_EntityChanged',
      message: 'Another user has already changed the record.',
    },
    'delta-expired': { code: 'syncStateNotFound', message: 'The delta token is too old; start over.' },
    throttled: { code: 'Application_TooManyRequests' },
  },
  types: [
    visitType({
      set: 'visits',
      name: 'visit',
      key: 'id',
      modified: 'systemModifiedAt',
      externalId: 'externalId',
      title: 'title',
      note: 'note',
      cost: 'cost',
      startsAt: 'startsAt',
      done: 'done',
      hours: 'hours',
      status: 'status',
    }),
  ],
}
