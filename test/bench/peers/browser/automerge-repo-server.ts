/** automerge-repo as its own sync server sets it up: storage in files, documents told only to who asks for them. */
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type AutomergeUrl, ImmutableString, type PeerId, Repo } from '@automerge/automerge-repo'
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { WebSocketServer } from 'ws'
import { type BrowserServerCommands, type Place, servePages } from '../../src/browser/server.ts'
import { documentOf, type RecordDocument } from '../contenders/automerge-document.ts'
import { editOf, fieldRecord } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'

/** Milliseconds. By default a device is cut off that has not answered for 5 s, and one that takes thousands of documents in does not. */
const KEEP_ALIVE_MS = 600_000

/** Documents that one repo makes: what it does for a new one grows with those it has, and 10,000 took it minutes. */
const SEEDED_AT_ONCE = 250

let ids: string[]
let repo: Repo
let url: string

const storageIn = ({ folder }: Place) => new NodeFSStorageAdapter(join(folder, 'documents'))
const idsFile = ({ folder }: Place) => join(folder, 'ids.json')

const server: BrowserServerCommands = {
  async seed(place) {
    const made: string[] = []
    while (made.length < place.records) {
      const seeding = new Repo({ storage: storageIn(place) })
      const count = Math.min(SEEDED_AT_ONCE, place.records - made.length)
      const handles = Array.from({ length: count }, (_, at) =>
        seeding.create(documentOf(fieldRecord(made.length + at))),
      )
      await seeding.flush()
      made.push(...handles.map(({ documentId }) => documentId))
      await seeding.shutdown()
    }
    await writeFile(idsFile(place), JSON.stringify(made))
  },

  async open(serving) {
    ids = JSON.parse(await readFile(idsFile(serving), 'utf8')) as string[]
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(sockets, 'listening')
    repo = new Repo({
      // @ts-expect-error its types name the class of `ws` by a module that is typed otherwise now
      network: [new WebSocketServerAdapter(sockets, KEEP_ALIVE_MS)],
      storage: storageIn(serving),
      peerId: 'server' as PeerId,
      sharePolicy: async () => false,
    })
    url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`
    const site = await servePages(serving.pages, async ({ number, mark }) => {
      const handle = await repo.find<RecordDocument>(`automerge:${ids[number]!}` as AutomergeUrl)
      handle.change((draft) => {
        const { notes, count } = editOf(mark)
        draft.notes = new ImmutableString(notes)
        draft.count = count
      })
    })
    return site.url
  },

  admit: async () => ({ url, pass: ids }),
}

serveContender(server)
