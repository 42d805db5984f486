import { adapterContract, type OpenContractSystem } from '@skerry/bridge/testing'
import { Tracker } from './tracker.ts'
import { TrackerAdapter } from './tracker-adapter.ts'

const open: OpenContractSystem = async () => {
  const tracker = new Tracker()
  const baseUrl = await tracker.open()
  const adapter = () => new TrackerAdapter({ baseUrl, key: 'tracker-key' })
  return {
    adapter: adapter(),
    again: adapter,
    type: 'issues',
    fields: { title: 'subject', note: 'description' },
    poison: { fields: { subject: 'spam' }, reason: /"spam" is not allowed/ },
    lacks: {
      compareAndSet: 'the tracker looks at no version',
      describe: 'the tracker has no schema to ask for',
      batch: 'the tracker takes one issue at a time',
      bulk: 'the tracker takes one issue at a time',
      listen: 'this tracker does not call',
      deletions: 'the tracker deletes for good and tells nobody',
    },
    create: async (fields) => ({ id: String(tracker.put(fields).id) }),
    edit: async (id, fields) => void tracker.put({ ...fields, id: Number(id) }),
    remove: async (id) => void tracker.issues.delete(Number(id)),
    rows: async () =>
      [...tracker.issues.values()].map(({ id, foreign_id, subject, description }) => ({
        id: String(id),
        externalId: foreign_id || undefined,
        deleted: false,
        value: { subject, description: description || null },
      })),
    atOneMoment: (work) => tracker.atOneMoment(work),
    requests: async () => tracker.requests,
    faults: {
      ...tracker.faults,
      exhaustQuota: async (next) => {
        tracker.strike(next, (response) => response.writeHead(429, { 'retry-after': '60' }).end())
        return { retryAfterMs: 60_000 }
      },
      breakServer: async (next) => tracker.strike(next, (response) => response.writeHead(503).end()),
      garbleAnswer: async (next) =>
        tracker.strike(next, (response, carryOut) => {
          carryOut()
          response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Please sign in</h1>')
        }),
      expireTokens: { never: 'a key does not end by itself' },
      refuseIdentity: async () => {
        tracker.key = 'another key'
      },
      expirePositions: { never: 'positions are times and places, which do not end' },
      dropField: { never: 'the tracker’s fields are part of its program' },
      commitLate: async (fields) => {
        const [id, begunAt] = [tracker.nextId(), tracker.now()]
        return { id: String(id), show: async () => void tracker.put({ ...fields, id }, begunAt) }
      },
    },
    close: () => tracker.close(),
  }
}

adapterContract('a tracker', open)
