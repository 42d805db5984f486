/**
 * The endpoint that RxDB's manual asks of a server ("HTTP replication"): pull after a checkpoint, push with a look for conflicts, and a stream of server-sent events. The records are in memory, which
 * is faster than the database that the manual has there.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { type BrowserServerCommands, servePages } from '../../src/browser/server.ts'
import { editOf, fieldRecord, idOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import { type Kept, PULL, PUSH, type Pulled, type Pushed, STREAM } from './rxdb-wire.ts'

const kept = new Map<string, Kept>()
/** In order of their newest changes: a map keeps the order of insertion. */
const streams = new Set<ServerResponse>()
let changes = 0

function keep(documents: readonly Kept[]): void {
  const now = documents.map((document) => ({ ...document, updatedAt: ++changes }))
  for (const document of now) {
    kept.delete(document.id)
    kept.set(document.id, document)
  }
  const last = now.at(-1)
  if (last === undefined) return
  const pulled: Pulled = { documents: now, checkpoint: { id: last.id, updatedAt: last.updatedAt } }
  for (const stream of streams) stream.write(`data: ${JSON.stringify(pulled)}\n\n`)
}

function pull(url: URL): Pulled {
  const after = Number(url.searchParams.get('updatedAt'))
  const limit = Number(url.searchParams.get('limit'))
  const documents = [...kept.values()].filter(({ updatedAt }) => updatedAt > after).slice(0, limit)
  const last = documents.at(-1)
  return { documents, checkpoint: last && { id: last.id, updatedAt: last.updatedAt } }
}

/** Gives the state of those that somebody else has changed meanwhile. */
function push(rows: readonly Pushed[]): Kept[] {
  const isConflict = ({ newDocumentState: { id }, assumedMasterState }: Pushed) =>
    kept.get(id)?.updatedAt !== assumedMasterState?.updatedAt
  keep(rows.filter((row) => !isConflict(row)).map(({ newDocumentState }) => newDocumentState))
  return rows.filter(isConflict).map(({ newDocumentState }) => kept.get(newDocumentState.id)!)
}

function answers(request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const tell = (value: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  if (url.pathname === PULL) tell(pull(url))
  else if (url.pathname === PUSH) void json(request).then((rows) => tell(push(rows as Pushed[])))
  else if (url.pathname === STREAM) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.flushHeaders()
    streams.add(response)
    response.once('close', () => streams.delete(response))
  } else return false
  return true
}

const server: BrowserServerCommands = {
  seed: async () => undefined,

  async open({ pages, records }) {
    for (let number = 0; number < records; number++)
      keep([{ ...fieldRecord(number), id: idOf(number), updatedAt: 0, _deleted: false }])
    const edit = async (number: number, mark: number) =>
      keep([{ ...kept.get(idOf(number))!, ...editOf(mark) }])
    const site = await servePages(pages, ({ number, mark }) => edit(number, mark), answers)
    return site.url
  },

  admit: async () => ({ url: '', pass: [] }),
}

serveContender(server)
