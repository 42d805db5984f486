/** All contenders, in the order of the table's columns. How each is set up stands in BROWSER.md. */
import type { BrowserContender } from './contender.ts'

const theirs = '../peers/browser'

export const skerry: BrowserContender = {
  name: 'skerry',
  title: 'Skerry',
  server: './browser/skerry-server.ts',
  page: './browser/page/skerry-page.ts',
  packages: [],
  timesAtLeast: 1,
}

export const contenders: readonly BrowserContender[] = [
  skerry,
  {
    name: 'automerge-repo',
    title: 'automerge-repo',
    server: `${theirs}/automerge-repo-server.ts`,
    page: `${theirs}/automerge-repo-page.ts`,
    packages: [
      '@automerge/automerge-repo',
      '@automerge/automerge-repo-storage-indexeddb',
      '@automerge/automerge-repo-network-websocket',
    ],
    fewerRecords: 1_000,
    timesAtLeast: 10,
  },
  {
    name: 'rxdb',
    title: 'RxDB',
    server: `${theirs}/rxdb-server.ts`,
    page: `${theirs}/rxdb-page.ts`,
    packages: ['rxdb', 'dexie'],
    timesAtLeast: 1,
  },
  {
    name: 'pouchdb',
    title: 'PouchDB',
    server: `${theirs}/pouchdb-server.ts`,
    page: `${theirs}/pouchdb-page.ts`,
    packages: ['pouchdb-browser', 'express-pouchdb'],
    timesAtLeast: 1,
  },
]
