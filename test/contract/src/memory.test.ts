/** The reference store keeps the contract. It stands here and not in core, because core must not depend on its own contract. */
import { MemoryDisk, memoryStore } from '@skerry/core'
import { runStoreContract } from './index.ts'

runStoreContract('memory', async () => {
  const disk = new MemoryDisk()
  return {
    store: () => memoryStore({ disk }),
    crash: async () => disk.crash(),
  }
})
