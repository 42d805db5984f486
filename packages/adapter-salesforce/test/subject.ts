/** The stand-in as the contract suite needs it: what is done there, and every fault on demand. */
import type { SalesforceAdapterOptions } from '@skerry/adapter-salesforce'
import type { ContractSystem, Strikes } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import type { SalesforceFault } from '@skerry/sandbox/salesforce'
import { openOrganisation } from './organisation.ts'

/** Bytes by which an answer is too large: an adapter reads 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

const type = 'Visit__c'
/** Milliseconds after which a row's second is over. */
const SECOND_OVER_MS = 2_000
/** Milliseconds after which deletions are asked for again. */
const LATER_MS = 600_000

export async function salesforceSubject(
  options: Partial<SalesforceAdapterOptions> = {},
): Promise<ContractSystem> {
  const org = await openOrganisation()
  const strikes = (next: Strikes) => ({
    match: { path: '/services/data/', writes: next === 'write' },
    count: 1,
  })
  const fault = (next: Strikes, one: Partial<SalesforceFault> & Pick<SalesforceFault, 'fault'>) =>
    org.fault({ ...strikes(next), ...one } as SalesforceFault)
  const adapter = () => org.adapter({ bulk: { pollMs: 5 }, ...options })
  return {
    adapter: adapter(),
    again: adapter,
    type,
    fields: { title: 'Name', note: 'Note__c' },
    poison: { fields: { Name: 'poison' }, reason: /Nothing poisonous/, names: ['Name'] },
    create: async (fields) => ({ id: await org.create(fields) }),
    edit: async (id, fields) => void (await org.edit('update', id, fields)),
    remove: async (id) => void (await org.edit('delete', id)),
    rows: async () =>
      (await org.rows()).map(({ id, deleted, fields }) => ({
        id,
        externalId: typeof fields.Skerry_Id__c === 'string' ? fields.Skerry_Id__c : undefined,
        deleted,
        value: fields as JsonObject,
      })),
    settled: () => org.advance(SECOND_OVER_MS),
    atOneMoment: async (work) => {
      org.hold(Date.now())
      await work()
      org.hold()
    },
    requests: async () => (await org.ledger()).filter(({ method }) => method !== 'BULK').length,
    faults: {
      loseAnswer: () => fault('write', { fault: 'commit-then-lose-answer' }),
      exhaustQuota: async (next) => {
        await fault(next, { fault: 'limits', calls: 0, windowMs: 1 } as SalesforceFault)
        return {}
      },
      breakServer: (next) => fault(next, { fault: 'status', status: 500 } as SalesforceFault),
      garbleAnswer: (next) => fault(next, { fault: 'truncate-body' }),
      swellAnswer: (next) => fault(next, { fault: 'swell-body', bytes: SWOLLEN_BYTES } as SalesforceFault),
      hang: async (next) => {
        await fault(next, { fault: 'hold' })
        return { arrived: org.admin('GET', '/faults/held?atLeast=1').then(() => undefined) }
      },
      expireTokens: async () => void (await org.admin('POST', '/sessions/expire')),
      refuseIdentity: () => org.settings({ lockedOut: true }),
      expirePositions: async () => {
        await org.admin('POST', '/deletions/forget', { type })
        await org.advance(LATER_MS)
      },
      dropField: async (field) => void (await org.admin('POST', '/drop-field', { type, field })),
      commitLate: async (fields) => {
        const { row } = await org.admin<{ row: { id: string } }>('POST', '/late', { type, fields })
        return { id: row.id, show: async () => void (await org.admin('POST', '/show', { type, id: row.id })) }
      },
    },
    close: org.close,
  }
}
