/** Skerry in React: live queries, edits, and where they stand. */
export { SkerryProvider, type SkerryProviderProps, useReplica } from './provider.ts'
export { useDraft, useEdits } from './use-edits.ts'
export { useAside, useOutbox, usePresence, useStorage, useSync } from './use-line.ts'
export { useRecord, useRecords } from './use-records.ts'
export { type SavedSnapshot, type UseSavedOptions, useSaved } from './use-saved.ts'
