/** The reference store keeps the contract. It stands here and not in core, because core must not depend on its own contract. */
import { MemoryDisk, memoryStore } from '@skerry/core'
import { runAutomergeStorageSuite } from './automerge-storage.ts'
import type { Setup } from './bench.ts'
import { runStoreContract } from './index.ts'

const setup: Setup = async () => {
  const disk = new MemoryDisk()
  return {
    store: () => memoryStore({ disk }),
    crash: async () => disk.crash(),
  }
}

runStoreContract('memory', setup)
runAutomergeStorageSuite('memory', setup)
