/** The suite that any store of Skerry runs, ours and strangers'. */
export type { Setup, StoreUnderTest } from './bench.ts'
export { runStoreContract } from './store-contract.ts'
