/** A store on SQLite, and ways to look into its file beside a running node. */
export { type BackupReport, backupSqlite } from './backup.ts'
export {
  type EntryReport,
  inspectEntries,
  inspectRecords,
  inspectSqlite,
  type RecordReport,
  type SqliteReport,
} from './inspection.ts'
export { type FrontierReport, inspectFrontiers, inspectTable } from './inspection-rows.ts'
export type { Accept } from './opening.ts'
export { type RestoreOptions, type RestoreReport, restoreSqlite } from './restore.ts'
export { type SqliteStoreOptions, sqliteStore } from './store.ts'
export { verifySqlite } from './verification.ts'
