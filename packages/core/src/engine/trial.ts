/**
 * Trying on a throwaway document what a record's document is to take, before the record's own thread touches it (replica/SPEC.md, Isolation). On a hub a worker thread does it, which may run out
 * of time, of memory, or die, without taking anything with it.
 */
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import type { ChangeHost } from '../change/ports.ts'
import { ChangeRefused } from '../change/refused.ts'
import { Document, EngineError, engineIsAlive } from './document.ts'
import { firstWithoutEcho } from './echo.ts'

export interface TrialTask {
  /** Key, for logs. */
  readonly record: string
  /** Chunks of every change that the record has. */
  readonly history: readonly Uint8Array[]
  /** Chunks that it is to take; none when only the history is to be loaded. */
  readonly changes: readonly Uint8Array[]
}

/** What a trial was about when it ended badly: loading what the record has, or taking what is new. */
export type TrialStage = 'history' | 'changes'

export type TrialVerdict =
  | { readonly kind: 'sound' }
  /** What the changes build on is not all there. */
  | { readonly kind: 'incomplete' }
  | {
      /** The engine said no; or it took longer than it may; needed more memory; or ended for another reason. */
      readonly kind: 'refused' | 'deadline' | 'memory' | 'died'
      readonly stage: TrialStage
      readonly reason: string
    }

export interface Trial {
  /**
   * Whatever the engine does with the task is a verdict. Rejects only where nothing could be tried at all, which says nothing of the record: TrialError.
   */
  try(task: TrialTask): Promise<TrialVerdict>
}

export class TrialError extends Error {
  override readonly name = 'TrialError'
  /** `too-many-trials`: more wait than may; `no-trial`: closed, or the thread for it cannot be started. */
  readonly code: 'too-many-trials' | 'no-trial'
  constructor(code: TrialError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Actor of a document that writes nothing. */
const NOBODY = `00${'0'.repeat(32)}`

/** Does the work of a trial in this thread; whoever watches it sets the deadline. `reached` hears which stage begins. */
export function runTrial(
  { history, changes }: TrialTask,
  host: ChangeHost,
  reached: (stage: TrialStage) => void = () => undefined,
): TrialVerdict {
  let stage: TrialStage = 'history'
  reached(stage)
  const document = new Document(NOBODY)
  try {
    if (history.length > 0) document.apply([...history])
    document.read()
    if (changes.length === 0) return { kind: 'sound' }
    stage = 'changes'
    reached(stage)
    return take(document, changes, host)
  } catch (error) {
    if (!(error instanceof EngineError) && !(error instanceof ChangeRefused)) throw error
    return { kind: engineIsAlive() ? 'refused' : 'died', stage, reason: error.message }
  } finally {
    document.free()
  }
}

function take(document: Document, chunks: readonly Uint8Array[], host: ChangeHost): TrialVerdict {
  const changes = chunks.map((chunk): ParsedChange => parseChange(chunk, host, defaultChangeLimits))
  const before = document.heads()
  document.apply([...chunks])
  if (document.missing().length > 0) return { kind: 'incomplete' }
  if (firstWithoutEcho(document, before, changes, host))
    return refused('a change refers to what is not there; the engine would not load the record again')
  document.read()
  return loadsAgain(document)
    ? { kind: 'sound' }
    : refused('saved with these changes, the engine would not load the record again')
}

function refused(reason: string): TrialVerdict {
  return { kind: 'refused', stage: 'changes', reason }
}

function loadsAgain(document: Document): boolean {
  const again = Document.load(document.save(), NOBODY)
  try {
    return again.heads().sort().join() === document.heads().sort().join()
  } finally {
    again.free()
  }
}
