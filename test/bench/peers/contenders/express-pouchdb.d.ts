/** Types of what is used here of two packages that bring none. */

declare module 'express-pouchdb' {
  import type { RequestListener } from 'node:http'

  export default function expressPouchdb(
    Pouch: ReturnType<typeof PouchDB.defaults>,
    options: { mode: 'fullCouchDB' | 'minimumForPouchDB' },
  ): RequestListener
}

declare module 'pouchdb-adapter-leveldb' {
  const plugin: PouchDB.Plugin
  export default plugin
}
