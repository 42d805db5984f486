/** Blobs on a server, a gateway or a laptop. */
export { folderBlobs } from './store/folder-store.ts'
