import { adapterContract, type OpenContractSystem, type Strikes } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { Shelf } from './shelf.ts'
import { ShelfAdapter } from './shelf-adapter.ts'

const open: OpenContractSystem = async () => {
  const shelf = new Shelf()
  const baseUrl = await shelf.open()
  const adapter = () => new ShelfAdapter({ baseUrl, key: 'shelf-key' })
  const strike = (next: Strikes, strike: Shelf['faults'][number]['strike']) =>
    void shelf.faults.push({ next: next === 'read' ? 'GET' : 'write', strike })
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
      loseAnswer: async () =>
        strike('write', (response, carryOut) => {
          carryOut()
          response.destroy()
        }),
      exhaustQuota: async (next) => {
        strike(next, (response) => response.writeHead(429, { 'retry-after': '3' }).end('{"error":"slowly"}'))
        return { retryAfterMs: 3_000 }
      },
      breakServer: async (next) => strike(next, (response) => response.writeHead(500).end('oh')),
      garbleAnswer: async (next) =>
        strike(next, (response, carryOut) => {
          carryOut()
          response.writeHead(200).end('{"id":"box-1","la')
        }),
      swellAnswer: async (next) =>
        strike(next, (response, carryOut) => {
          carryOut()
          response.end('x'.repeat(17 * 1024 * 1024))
        }),
      hang: async (next) => ({ arrived: new Promise((resolve) => strike(next, () => resolve())) }),
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
