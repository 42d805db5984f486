/** What a person can do about a line that is blocked. */
import type { SyncState } from '@skerry/live'
import type { Words } from '../words/en.ts'

export function blockedHint(reason: SyncState['reason'], words: Words): string {
  switch (reason?.code) {
    case 'device-revoked':
      return words.sync.lockedOutHint
    case 'other-authority':
      return words.sync.otherHubHint
    default:
      return words.sync.blockedHint
  }
}
