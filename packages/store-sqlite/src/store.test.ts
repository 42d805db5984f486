/** The store on SQLite keeps the contract. A crash is a copy of the files as they are, opened elsewhere. */
import { runStoreContract, type Setup } from '@skerry/contract'
import { runAutomergeStorageSuite } from '@skerry/contract/automerge-storage'
import { crashCopy, temporaryDirectory } from '../test/directory.ts'
import { sqliteStore } from './index.ts'

const setup: Setup = async () => {
  const directory = temporaryDirectory({ inMemory: true })
  let path = directory.path('log.db')
  return {
    store: () => sqliteStore({ path, accept: 'moved', ballastBytes: 0 }),
    crash: async () => {
      path = crashCopy(path, directory)
    },
    dispose: async () => directory.remove(),
  }
}

runStoreContract('sqlite', setup)
runAutomergeStorageSuite('sqlite', setup)
