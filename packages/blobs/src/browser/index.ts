/** Blobs in a browser: kept in IndexedDB, made small on a canvas that nobody sees. */
export { idbBlobs } from './idb-store.ts'
export { thumbnailOf } from './thumbnail.ts'
