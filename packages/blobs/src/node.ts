/** Blobs on a server, a gateway or a laptop. */
export { type CopiedBlobs, copyBlobs } from './store/copy-folder.ts'
export { syncFolder } from './store/durable-file.ts'
export { folderBlobs } from './store/folder-store.ts'
export { folderGeneration } from './store/generation.ts'
