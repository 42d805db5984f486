/** What the parent says to the device that will sleep, and hears from it. */
import type { LinkPhase } from '@skerry/ws'

export interface SleeperErrand {
  path: string
  url: string
  heartbeatMs: number
}

export type SleeperLine =
  | { said: 'phase'; phase: LinkPhase }
  | { said: 'seen'; id: string }
  | { said: 'saved' }
