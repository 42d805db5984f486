/** A device of automerge-repo with storage in files. It is given the ids of all documents before it begins; an app would have to find them out. */
import { join } from 'node:path'
import { type AutomergeUrl, type DocHandle, ImmutableString, Repo } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { WebSocket } from 'ws'
import type { Device, Heard } from '../src/device.ts'
import { deviceCommands } from '../src/device-commands.ts'
import { editOf } from '../src/field-record.ts'
import { serveContender } from '../src/serve-contender.ts'
import { type RecordDocument, recordOf } from './automerge-document.ts'

let repo: Repo
let adapter: WebSocketClientAdapter
let urls: AutomergeUrl[]
let tell: Heard
let isLeaving = false
/** By number; those that could not be found are absent. */
const handles = new Map<number, DocHandle<RecordDocument>>()

async function find(url: AutomergeUrl, number: number): Promise<void> {
  const handle = await repo.find<RecordDocument>(url)
  handles.set(number, handle)
  handle.on('change', ({ doc }) => tell(number, recordOf(doc)))
  tell(number, recordOf(handle.doc()))
}

/** Resolves when a connection is made. */
function nextPeer(): Promise<void> {
  return new Promise((resolve) => repo.networkSubsystem.once('peer', () => resolve()))
}

const device: Device = {
  async open({ folder, url }, heard) {
    tell = heard
    adapter = new WebSocketClientAdapter(url)
    repo = new Repo({ storage: new NodeFSStorageAdapter(join(folder, 'documents')) })
    // The server cuts a connection that has not answered its pings; the adapter comes back after five seconds.
    repo.networkSubsystem.on('peer-disconnected', () => {
      if (!isLeaving) console.log('the connection was cut')
    })
    return undefined
  },

  async enter(ids) {
    urls = ids.map((id) => `automerge:${id}` as AutomergeUrl)
  },

  async connect() {
    if (handles.size === 0) {
      const connected = nextPeer()
      repo.networkSubsystem.addNetworkAdapter(adapter)
      // It takes a second for enough to believe that there is no server, and all documents to be unavailable; 1,000 look-ups on disk alone take longer.
      await connected
      // A document may be told to be unavailable: then it is missing, and counted as such.
      await Promise.allSettled(urls.map(find))
      return
    }
    const connected = nextPeer()
    isLeaving = false
    adapter.connect(repo.peerId, { storageId: await repo.storageId(), isEphemeral: false })
    await connected
  },

  async disconnect() {
    // An adapter that is told to stop while it connects ends the process with an error that nobody listens to.
    if (adapter.socket?.readyState !== WebSocket.OPEN) await nextPeer()
    isLeaving = true
    adapter.disconnect()
  },

  async readAll() {
    return new Map([...handles].map(([number, handle]) => [number, recordOf(handle.doc())]))
  },

  async edit(number, mark) {
    const { notes, count } = editOf(mark)
    handles.get(number)!.change((draft) => {
      draft.notes = new ImmutableString(notes)
      draft.count = count
    })
  },
}

serveContender(deviceCommands(device))
