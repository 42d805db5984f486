/** What the parent of the hub rounds says to the hub process, and hears from it. */
import type { MarkedEdit } from './marking.ts'
import type { Visit } from './visits.ts'

export interface HubErrand {
  store: string
  /** Was said to be saved at the hub in the round before, and must be there. */
  verify: MarkedEdit[]
  /** Tells all visits before it listens. */
  tellAll: boolean
}

export type HubLine =
  | ({ said: 'missing' } & MarkedEdit)
  | { said: 'visit'; id: string; visit: Visit }
  | { said: 'listening'; url: string }
