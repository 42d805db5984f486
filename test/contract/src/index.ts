/** The suite that any store of Skerry runs, ours and strangers'. */
export type { Setup, StoreUnderTest } from './bench.ts'
export { Model } from './model.ts'
export { type Random, seededRandom } from './random.ts'
export { channels, randomBatch, records, tables } from './random-batch.ts'
export { broughtBy, soundEntry } from './sound.ts'
export { runStoreContract } from './store-contract.ts'
