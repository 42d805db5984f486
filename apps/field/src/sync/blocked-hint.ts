/** What a person can do about a line that is blocked. */
import type { SyncState } from '@skerry/live'
import type { Words } from '../words/en.ts'

export function blockedHint(reason: SyncState['reason'], words: Words): string {
  return reason?.code === 'device-revoked' ? words.sync.lockedOutHint : words.sync.blockedHint
}
