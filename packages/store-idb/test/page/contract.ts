/** The suites that every store runs, each store in a worker of its own; a crash is the worker's end. */
import '@skerry/browser-test/page/suite'
import { runStoreContract } from '@skerry/contract'
import { runAutomergeStorageSuite } from '@skerry/contract/automerge-storage'
import { deleteIdbStore } from '@skerry/store-idb'
import { storeInWorker, type WorkerStore } from './store-in-worker.ts'

let made = 0

async function setup() {
  made += 1
  const name = `contract-${made}`
  let workers: WorkerStore[] = []
  const killAll = () => {
    for (const worker of workers) worker.kill()
    workers = []
  }
  return {
    store: () => {
      const worker = storeInWorker({ name })
      workers.push(worker)
      return worker.store
    },
    crash: async () => killAll(),
    dispose: async () => {
      killAll()
      await deleteIdbStore(name)
    },
  }
}

runStoreContract('IndexedDB', setup)
runAutomergeStorageSuite('IndexedDB', setup)
