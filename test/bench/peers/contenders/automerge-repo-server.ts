/** automerge-repo as its own sync server sets it up: storage in files, documents told only to who asks for them. */
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type PeerId, Repo } from '@automerge/automerge-repo'
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { WebSocketServer } from 'ws'
import { fieldRecord } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import type { Place, ServerCommands } from '../src/server.ts'
import { documentOf } from './automerge-document.ts'

/** Milliseconds. By default a device is cut off that has not answered for 5 s, and one that takes 1,000 documents in on a busy machine does not. */
const KEEP_ALIVE_MS = 60_000

let ids: string[]

const storageIn = ({ folder }: Place) => new NodeFSStorageAdapter(join(folder, 'documents'))
const idsFile = ({ folder }: Place) => join(folder, 'ids.json')

const server: ServerCommands = {
  async seed(place) {
    const seeding = new Repo({ storage: storageIn(place) })
    const numbers = Array.from({ length: place.records }, (_, number) => number)
    const handles = numbers.map((number) => seeding.create(documentOf(fieldRecord(number))))
    await seeding.flush()
    await writeFile(idsFile(place), JSON.stringify(handles.map(({ documentId }) => documentId)))
    await seeding.shutdown()
  },

  async open(place) {
    ids = JSON.parse(await readFile(idsFile(place), 'utf8')) as string[]
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(sockets, 'listening')
    new Repo({
      // @ts-expect-error its types name the class of `ws` by a module that is typed otherwise now
      network: [new WebSocketServerAdapter(sockets, KEEP_ALIVE_MS)],
      storage: storageIn(place),
      peerId: 'server' as PeerId,
      sharePolicy: async () => false,
    })
    return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`
  },

  admit: async () => ids,
}

serveContender(server)
