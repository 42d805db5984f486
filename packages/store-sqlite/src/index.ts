/** A store on SQLite, and ways to look into its file beside a running node. */
export type { Accept } from './opening.ts'
export { type SqliteStoreOptions, sqliteStore } from './store.ts'
