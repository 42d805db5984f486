/** PouchDB with what both sides need: LevelDB for what is here, HTTP for what is there, and replication between them. */
import HttpAdapter from 'pouchdb-adapter-http'
import LevelAdapter from 'pouchdb-adapter-leveldb'
import PouchDB from 'pouchdb-core'
import Replication from 'pouchdb-replication'

PouchDB.plugin(LevelAdapter).plugin(HttpAdapter).plugin(Replication)

export const DATABASE = 'records'

export { PouchDB }
