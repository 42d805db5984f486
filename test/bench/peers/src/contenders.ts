/** All contenders, in the order of the table's columns. */
import type { Contender } from './contender.ts'

const here = '../peers/src'
const theirs = '../peers/contenders'

export const OURS = 'ours'

export const contenders: readonly Contender[] = [
  {
    name: OURS,
    title: 'ours',
    server: `${here}/ours-server.ts`,
    device: `${here}/ours-device.ts`,
    packages: [],
    saysInStep: true,
    setUp: 'a hub and an edge, one Automerge document a record, views and two indexes on both sides',
    durability:
      'SQLite with `synchronous=FULL` on both sides; an edit is on disk before anybody hears of it, and acknowledged after it is on disk at the hub',
  },
  {
    name: 'bare',
    title: 'bare limit',
    server: `${here}/bare-server.ts`,
    device: `${here}/bare-device.ts`,
    packages: [],
    saysInStep: true,
    setUp:
      'the same values as JSON through plain `ws` into plain `better-sqlite3`: no merge, no history, no rights',
    durability: 'as ours: SQLite with `synchronous=FULL` on both sides, before anything is passed on',
  },
  {
    name: 'automerge-repo',
    title: 'automerge-repo',
    server: `${theirs}/automerge-repo-server.ts`,
    device: `${theirs}/automerge-repo-device.ts`,
    packages: [
      '@automerge/automerge-repo',
      '@automerge/automerge',
      '@automerge/automerge-repo-network-websocket',
      '@automerge/automerge-repo-storage-nodefs',
    ],
    saysInStep: false,
    setUp:
      'one document a record, its WebSocket adapters, `sharePolicy` as its sync server has it, keep-alive of the server raised from 5 s to 60 s so that a busy device is not cut off, defaults otherwise (syncing and saving wait 100 ms); a device is given the ids of all documents, and asks for them only once it is connected',
    durability:
      'files on both sides, written 100 ms later, without fsync; an edit goes out before it is saved',
  },
  {
    name: 'yjs-documents',
    title: 'Yjs, a document each',
    server: `${theirs}/yjs-documents-server.ts`,
    device: `${theirs}/yjs-documents-device.ts`,
    packages: ['yjs', '@hocuspocus/server', '@hocuspocus/provider', '@hocuspocus/extension-database'],
    saysInStep: true,
    setUp:
      'Hocuspocus, one document a record, all providers over one socket; its limits of documents and messages before authentication raised, awareness on for one document only',
    durability:
      'SQLite at the server (fsync), written 2 s after an edit that has long gone out; the device has memory only',
  },
  {
    name: 'yjs-one-document',
    title: 'Yjs, one document',
    server: `${theirs}/yjs-one-document-server.ts`,
    device: `${theirs}/yjs-one-document-device.ts`,
    packages: ['yjs', '@hocuspocus/server', '@hocuspocus/provider', '@hocuspocus/extension-database'],
    saysInStep: true,
    setUp: 'Hocuspocus, all records as maps in one document, defaults',
    durability: 'as above; each save writes the whole document, and the device has memory only',
  },
  {
    name: 'pouchdb',
    title: 'PouchDB',
    server: `${theirs}/pouchdb-server.ts`,
    device: `${theirs}/pouchdb-device.ts`,
    packages: [
      'pouchdb-core',
      'pouchdb-adapter-leveldb',
      'pouchdb-adapter-http',
      'pouchdb-replication',
      'express-pouchdb',
    ],
    saysInStep: true,
    setUp:
      'live `sync` both ways over HTTP with `express-pouchdb` (`minimumForPouchDB`), batches of 100 as by default',
    durability: 'LevelDB on both sides, without fsync; an edit is in the database before it goes out',
  },
  {
    name: 'tinybase',
    title: 'TinyBase',
    server: `${theirs}/tinybase-server.ts`,
    device: `${theirs}/tinybase-device.ts`,
    packages: ['tinybase'],
    saysInStep: true,
    setUp: 'one `MergeableStore`, `WsServer` and `WsSynchronizer`, defaults',
    durability:
      'a JSON file on both sides, the whole store written again after every change, without fsync; an edit goes out before it is saved',
  },
]

export function needsPackages({ packages }: Contender): boolean {
  return packages.length > 0
}
