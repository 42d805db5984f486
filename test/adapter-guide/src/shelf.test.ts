import { adapterContract, type OpenContractSystem } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { Shelf } from './shelf.ts'
import { ShelfAdapter } from './shelf-adapter.ts'

const open: OpenContractSystem = async () => {
  const shelf = new Shelf()
  const baseUrl = await shelf.open()
  const adapter = () => new ShelfAdapter({ baseUrl, key: 'shelf-key' })
  return {
    adapter: adapter(),
    again: adapter,
    type: 'boxes',
    fields: { title: 'title', note: 'note' },
    poison: { fields: { title: 'elephant' }, reason: /elephants do not fit/, names: ['title'] },
    lacks: {
      describe: 'a shelf has no schema to ask for',
      list: 'its feed of changes never ends, so that nothing needs to be listed whole',
      batch: 'a shelf takes one box at a time',
      bulk: 'a shelf takes one box at a time',
      listen: 'a shelf does not call',
    },
    // Somebody else at the shelf.
    create: async (fields) => shelf.put({}, fields as Record<string, string>),
    edit: async (id, fields) => void shelf.put(shelf.boxes.get(id)!, fields as Record<string, string>),
    remove: async (id) => void shelf.put({ ...shelf.boxes.get(id)!, removed: true }, {}),
    // The truth, from the shelf itself.
    rows: async () =>
      [...shelf.boxes.values()].map(({ id, label, removed, data }) => ({
        id,
        externalId: label ?? undefined,
        deleted: removed,
        value: data as JsonObject,
      })),
    requests: async () => shelf.requests,
    faults: {
      ...shelf.faults,
      exhaustQuota: async (next) => {
        shelf.strike(next, (response) =>
          response.writeHead(429, { 'retry-after': '3' }).end('{"error":"slowly"}'),
        )
        return { retryAfterMs: 3_000 }
      },
      garbleAnswer: async (next) =>
        shelf.strike(next, (response, carryOut) => {
          carryOut()
          response.writeHead(200).end('{"id":"box-1","la')
        }),
      expireTokens: { never: 'a key does not end by itself' },
      refuseIdentity: async () => {
        shelf.key = 'another key'
      },
      expirePositions: { never: 'a shelf remembers every change' },
      dropField: async (field) => void shelf.fields.delete(field),
      commitLate: { never: 'changes are numbered as they become visible' },
    },
    close: () => shelf.close(),
  }
}

adapterContract('a shelf', open)
