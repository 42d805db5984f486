/** What the thread that tries records, and the one that waits for it, say to each other. */
import type { TrialStage, TrialTask, TrialVerdict } from '@skerry/core'

export interface TrialSetup {
  /** Number of the stage that was begun last (STAGES), set by the thread before it begins: it cannot speak while the engine works, and not at all when it died. */
  stage: SharedArrayBuffer
  /** Bytes that the engine of the thread may have. */
  engineBytesMax: number
}

export const STAGES: readonly TrialStage[] = ['history', 'changes']

/** Chunks end to end: cloned one by one, each would bring the whole buffer along that it is a part of. */
interface Packed {
  bytes: Uint8Array<ArrayBuffer>
  ends: number[]
}

export interface TrialRequest {
  record: string
  history: Packed
  changes: Packed
}

export type TrialAnswer =
  | { kind: 'ready' }
  | { kind: 'verdict'; verdict: TrialVerdict }
  /** A fault of ours: says nothing of the record. */
  | { kind: 'failed'; message: string }

export function requestOf({ record, history, changes }: TrialTask): TrialRequest {
  return { record, history: packed(history), changes: packed(changes) }
}

export function taskOf({ record, history, changes }: TrialRequest): TrialTask {
  return { record, history: unpacked(history), changes: unpacked(changes) }
}

/** Bytes of all chunks of a task. */
export function sizeOf({ history, changes }: TrialTask): number {
  return lengthOf(history) + lengthOf(changes)
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
}

function packed(chunks: readonly Uint8Array[]): Packed {
  const bytes = new Uint8Array(lengthOf(chunks))
  const ends: number[] = []
  let end = 0
  for (const chunk of chunks) {
    bytes.set(chunk, end)
    end += chunk.length
    ends.push(end)
  }
  return { bytes, ends }
}

function unpacked({ bytes, ends }: Packed): Uint8Array[] {
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
