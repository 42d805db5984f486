/** The stand-in as the contract suite needs it: what is done there, and every fault on demand. */
import type { ODataAdapterOptions } from '@skerry/adapter-odata'
import type { ContractSystem, Lack, Strikes } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import type { ODataFault, ODataOptions, ProfileName } from '@skerry/sandbox/odata'
import { openService } from './service.ts'

/** Seconds that a throttled caller is told to wait. */
const WAIT_SECONDS = 3

/** Bytes by which an answer is too large: an adapter reads 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

export interface SubjectOptions {
  adapter?: Partial<ODataAdapterOptions>
  service?: Partial<ODataOptions>
  lacks?: Partial<Record<Lack, string>>
}

export async function odataSubject(
  profile: ProfileName,
  given: SubjectOptions = {},
): Promise<ContractSystem> {
  const service = await openService(profile, given.service)
  const { set, title, note, externalId } = service
  const { pathname } = new URL(service.serviceUrl)
  const fault = (next: Strikes, one: Partial<ODataFault> & Pick<ODataFault, 'fault'>) =>
    service.fault({ match: { path: pathname, writes: next === 'write' }, count: 1, ...one } as ODataFault)
  const adapter = () => service.adapter(given.adapter)
  const made = adapter()
  const isTold = made.capabilities.deletions === 'told'
  return {
    adapter: made,
    again: adapter,
    type: set,
    fields: { title, note },
    poison: {
      fields: { [title]: 'poison' },
      reason: /Nothing poisonous/,
      ...((profile === 'sap' || profile === 'plain') && { names: [title] }),
    },
    lacks: {
      deletions: 'a service without delta links tells of no deletion; whole listings prove them',
      bulk: 'OData has batches, and no jobs',
      listen: 'pushes are made by each vendor in another way; none is taken here',
      ...given.lacks,
    },
    create: async (fields) => ({ id: await service.create(fields) }),
    edit: async (id, fields) => void (await service.edit('update', id, fields)),
    remove: async (id) => void (await service.edit('delete', id)),
    rows: async () =>
      (await service.rows()).map(({ id, deleted, fields }) => {
        const value = fields[externalId]
        return {
          id,
          externalId: typeof value === 'string' ? value : undefined,
          deleted,
          value: fields as JsonObject,
        }
      }),
    atOneMoment: async (work) => {
      service.hold(Date.now())
      await work()
      service.hold()
    },
    requests: async () => (await service.requests()).length,
    faults: {
      loseAnswer: () => fault('write', { fault: 'commit-then-lose-answer' }),
      exhaustQuota: async (next) => {
        await fault(next, { fault: 'limits', calls: 0, windowMs: WAIT_SECONDS * 1_000 } as ODataFault)
        return { retryAfterMs: WAIT_SECONDS * 1_000 }
      },
      breakServer: (next) => fault(next, { fault: 'status', status: 500 } as ODataFault),
      garbleAnswer: (next) => fault(next, { fault: 'truncate-body' }),
      swellAnswer: (next) => fault(next, { fault: 'swell-body', bytes: SWOLLEN_BYTES } as ODataFault),
      hang: async (next) => {
        await fault(next, { fault: 'hold' })
        return { arrived: service.admin('GET', '/faults/held?atLeast=1').then(() => undefined) }
      },
      expireTokens: async () => void (await service.admin('POST', '/sessions/expire')),
      refuseIdentity: async () => {
        await service.admin('POST', '/sessions/expire')
        await service.settings({ lockedOut: true })
      },
      expirePositions: isTold
        ? async () => void (await service.admin('POST', '/deltas/forget'))
        : { never: 'a position is a time and a key, which no service forgets' },
      dropField: async (field) => void (await service.admin('POST', '/drop-field', { type: set, field })),
      commitLate: async (fields) => {
        const { row } = await service.admin<{ row: { id: string } }>('POST', '/late', { type: set, fields })
        return {
          id: row.id,
          show: async () => void (await service.admin('POST', '/show', { type: set, id: row.id })),
        }
      },
    },
    close: service.close,
  }
}
