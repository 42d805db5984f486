/** The stand-in as the contract suite needs it: what is done there, and every fault on demand. */
import type { HubSpotAdapterOptions } from '@skerry/adapter-hubspot'
import type { ContractSystem, Strikes } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import type { HubSpotFault } from '@skerry/sandbox/hubspot'
import { freePort, openAccount } from './account.ts'

/** Bytes by which an answer is too large: an adapter reads 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

const type = 'visits'
/** Milliseconds after which a search knows. */
const INDEXED_MS = 3_000
/** Milliseconds by which a pass reaches back: longer than the lag, and not all of the test. */
const OVERLAP_MS = 5_000
/** Milliseconds after which HubSpot has forgotten archived rows. */
const FORGOTTEN_MS = 91 * 86_400_000

export async function hubspotSubject(options: Partial<HubSpotAdapterOptions> = {}): Promise<ContractSystem> {
  const account = await openAccount()
  const { oauth, admin } = account
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}/hubspot`
  await admin('PUT', '/webhook', { targetUrl: publicUrl })
  const webhook = { port, publicUrl, secret: oauth.clientSecret }
  const adapter = () => account.adapter({ oauth, webhook, overlapMs: OVERLAP_MS, ...options })
  const fault = (next: Strikes, one: Partial<HubSpotFault> & Pick<HubSpotFault, 'fault'>) =>
    account.fault({ match: { path: '/crm/', writes: next === 'write' }, count: 1, ...one } as HubSpotFault)
  return {
    adapter: adapter(),
    again: adapter,
    type,
    fields: { title: 'title', note: 'note' },
    poison: { fields: { title: 'poison' }, reason: /Nothing poisonous/, names: ['title'] },
    lacks: {
      compareAndSet: 'HubSpot has no condition on a write; the bridge reads before it',
      bulk: 'HubSpot has no jobs of many writes, beside imports of files',
    },
    create: async (fields) => ({ id: await account.create(fields) }),
    edit: async (id, fields) => void (await account.edit('update', id, emptied(fields))),
    remove: async (id) => void (await account.edit('archive', id)),
    rows: async () =>
      (await account.rows()).map(({ id, archived, mergedInto, properties }) => ({
        id,
        externalId: properties.skerry_id,
        deleted: archived || mergedInto !== null,
        value: properties,
      })),
    settled: () => account.advance(INDEXED_MS),
    atOneMoment: async (work) => {
      account.hold(Date.now())
      await work()
      account.hold()
    },
    requests: async () => (await account.requests()).length,
    faults: {
      loseAnswer: () => fault('write', { fault: 'commit-then-lose-answer' }),
      exhaustQuota: async (next) => {
        await fault(next, { fault: 'limits', calls: 0, windowMs: 1 } as HubSpotFault)
        return {}
      },
      breakServer: (next) => fault(next, { fault: 'status', status: 502 } as HubSpotFault),
      garbleAnswer: (next) => fault(next, { fault: 'truncate-body' }),
      swellAnswer: (next) => fault(next, { fault: 'swell-body', bytes: SWOLLEN_BYTES } as HubSpotFault),
      hang: async (next) => {
        await fault(next, { fault: 'hold' })
        return { arrived: admin('GET', '/faults/held?atLeast=1').then(() => undefined) }
      },
      expireTokens: async () => void (await admin('POST', '/tokens/expire')),
      refuseIdentity: () => account.settings({ lockedOut: true }),
      expirePositions: () => account.advance(FORGOTTEN_MS),
      dropField: async (property) => void (await admin('POST', '/drop-property', { type, property })),
      commitLate: {
        never: 'a row is listed as soon as it is there; that a search knows of it late is a test of HS-11',
      },
    },
    close: account.close,
  }
}

/** People empty a property by an empty text. */
function emptied(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? '']))
}
