/** A store in IndexedDB, for pages and workers. */
export { deleteIdbStore } from './delete-store.ts'
export { persistStorage, type StorageHealth, storageHealth } from './storage-health.ts'
export { type IdbStore, type IdbStoreOptions, idbStore } from './store.ts'
