/**
 * What pages and the worker say to each other about photos. They are bytes and no records, so they go beside the live replica, on a channel that all windows of this browser hear: whichever
 * worker has the replica answers.
 *
 *   page ── ask (id, what) ──▶ worker        take a file · open a photo or its small picture · how does it stand · try again
 *   page ◀── heard, answer (id) ─ worker
 *   page ◀── changed (hash) ─  worker        a photo stands otherwise now
 */
import type { BlobState } from '@skerry/blobs'
import { REPLICA_NAME } from '../start/replica-name.ts'

export const PHOTO_CHANNEL = `${REPLICA_NAME}:photos`

export type PhotoAsk =
  | { what: 'take'; file: File; record: string }
  | { what: 'open' | 'small'; ref: string; record: string }
  | { what: 'state'; ref: string }
  | { what: 'retry'; sha256: string }

/** By what was asked. */
export interface PhotoAnswers {
  /** The reference to be written into the record. */
  take: string
  open: Uint8Array<ArrayBuffer>
  /** The small picture, or the photo itself where there is none. */
  small: Uint8Array<ArrayBuffer>
  state: BlobState
  retry: boolean
}

export type PhotoMessage =
  | { kind: 'ask'; id: string; ask: PhotoAsk }
  | { kind: 'heard'; id: string }
  | { kind: 'answer'; id: string; value: PhotoAnswers[keyof PhotoAnswers] }
  | { kind: 'refused'; id: string; words: string }
  | { kind: 'changed'; sha256: string }
