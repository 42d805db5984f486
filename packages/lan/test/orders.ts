/** What the processes of a test are told to do, and the collection that all of them know. */
import { collection } from '@skerry/core'
import * as z from 'zod'

export const SPACE = 'acme'

export const notes = collection('notes', z.object({ title: z.string(), area: z.string() }), {
  channels: ({ area }) => [`area:${area}`],
})

/** Each is answered when it is done. */
export type Order =
  /** Answers the public key, in hex. */
  | { do: 'open'; authority: string; path: string; isTrusting: boolean }
  | { do: 'enrol'; token: string }
  /** Answers the port. */
  | { do: 'meet'; addresses: string[]; mdns: { interface: string; port: number } | undefined }
  /** No longer on the LAN. */
  | { do: 'part' }
  | { do: 'create'; id: string; area: string }
  | { do: 'retitle'; id: string; title: string }
  /** Answered when exactly these records are held. */
  | { do: 'hold'; ids: string[] }
  /** Answered when the record has this title. */
  | { do: 'read'; id: string; title: string }
  /** Answers the code with which a peer was first refused, or refused this one. */
  | { do: 'be refused' }
  /** Answered when the session with the hub is open; it stays. */
  | { do: 'visit hub'; url: string }
  | { do: 'leave hub' }
  /** From now on this device's clock is ahead by so much. */
  | { do: 'set clock'; aheadMs: number }
  /** Answers the reasons of edits set aside. */
  | { do: 'list aside' }

export interface Answer {
  number: number
  value?: unknown
  error?: string
}
