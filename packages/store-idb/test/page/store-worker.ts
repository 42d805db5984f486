/** A store in a worker, which is where apps have it, and which can be made to die. */
import { StoreDamage, StoreError } from '@skerry/core'
import { type IdbStoreOptions, idbStore } from '@skerry/store-idb'

type Call = { id: number; method: string; args: unknown[] }
type Method = (...args: unknown[]) => unknown

const options = JSON.parse(self.name) as IdbStoreOptions
const store = idbStore(options) as unknown as Record<string, Method>

self.onmessage = async ({ data: { id, method, args } }: MessageEvent<Call>) => {
  try {
    self.postMessage({ id, value: await store[method]!(...args) })
  } catch (error) {
    // Errors cross by their own kind, but for those that browsers do not know.
    if (error instanceof StoreError)
      self.postMessage({
        id,
        refused: {
          code: error.code,
          message: error.message,
          damage: error instanceof StoreDamage ? error.damage : undefined,
        },
      })
    else self.postMessage({ id, error })
  }
}
