/** What the index knows instead of bytes: which frame they are in, and where in its body. */
import type { EntryKind, IndexBatch, IndexedEntry, IndexedRow, LogIndex, Origin } from '@skerry/core'

/**
 * Bytes of a body that fill a frame. Chromium puts a value above 64 KiB into a file of its own, which costs a few milliseconds each time it is written or read.
 */
export const FRAME_BYTES = 60_000

export interface Frame {
  number: number
  body: number
  bodyBytes: number
  headBytes: number
  /** Of the body. */
  liveBytes: number
  /** It was merged: its body is no longer there. */
  isGone: boolean
  /** It could not be merged, and is left as it is until the store is opened anew. */
  isFixed: boolean
}

export interface Span {
  frame: Frame
  from: number
  length: number
  crc: number
}

export interface PlacedEntry extends IndexedEntry {
  kind: EntryKind
  origin: Origin | undefined
  bytes: Span
}

export interface PlacedRow extends IndexedRow {
  /** Frontier, then view. */
  bytes: Span
  frontierBytes: number
  /** Its length as a text. Absent: queries do not see the record. */
  view: { length: number; isUtf16: boolean } | undefined
}

export type PlacedBatch = Omit<IndexBatch<PlacedEntry, PlacedRow, Span>, 'replaced'>
export type Index = LogIndex<PlacedEntry, PlacedRow, Span>

/** Bytes that nothing refers to any more. */
export function deadBytes({ bodyBytes, liveBytes }: Frame): number {
  return bodyBytes - liveBytes
}
