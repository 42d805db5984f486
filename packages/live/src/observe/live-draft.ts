/**
 * A record under a form: what a person types is shown at once, saved by itself, and keeps together with what others type into the same record meanwhile. Each draft is one form's own.
 *
 *   base ──what the record was when it was shown or sent last── local ──what the form shows
 *
 * While an edit is under way the form shows what was typed; when it resolved, the record as it is then (ORDERED: it was told) is brought under what was typed since.
 */
import { type Collection, draftOf, equalJson, type JsonObject, rebase, type Seen } from '@skerry/core'
import type { LiveError, LiveRecord, LiveReplica, Stop } from '../port.ts'
import { changed } from './edits.ts'
import { liveRecord } from './live-query.ts'
import type { Observable, Phase } from './observable.ts'

export interface DraftSnapshot<Value> {
  /** Of the record itself. */
  readonly state: Phase
  /** As the form shows it. Undefined while `loading`, and when there is no such record. */
  readonly record: Seen<Value> | undefined
  /** There is something that is not durable yet. */
  readonly isDirty: boolean
  /** Why the record cannot be read; or of a refused edit: the form keeps what was typed, and it is tried again with the next change. */
  readonly error: LiveError | undefined
}

export interface Draft<Value> extends Observable<DraftSnapshot<Value>> {
  /** Changes what the form shows, and saves it. Nothing while there is no record. */
  change(change: (draft: Value) => void): void
}

const loading: DraftSnapshot<never> = {
  state: 'loading',
  record: undefined,
  isDirty: false,
  error: undefined,
}

export function liveDraft<Value extends object>(
  replica: LiveReplica | undefined,
  collection: Collection<Value>,
  id: string,
): Draft<Value> {
  return new RecordDraft(replica, collection, id) as unknown as Draft<Value>
}

class RecordDraft implements Draft<JsonObject> {
  readonly initial: DraftSnapshot<JsonObject> = loading
  readonly #replica: LiveReplica | undefined
  readonly #collection: Collection
  readonly #record: ReturnType<typeof liveRecord>
  readonly #listeners = new Set<() => void>()
  #stop: Stop = () => undefined
  #base: LiveRecord | undefined
  #snapshot: DraftSnapshot<JsonObject> = loading
  #isSending = false

  constructor(replica: LiveReplica | undefined, collection: Collection, id: string) {
    this.#replica = replica
    this.#collection = collection
    this.#record = liveRecord(replica, collection.name, id)
  }

  readonly get = (): DraftSnapshot<JsonObject> => this.#snapshot

  readonly subscribe = (listener: () => void): Stop => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) {
      this.#stop = this.#record.subscribe(() => this.#follow())
      this.#follow()
    }
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stop()
    }
  }

  readonly change = (change: (draft: JsonObject) => void): void => {
    const { record } = this.#snapshot
    if (!record) return
    const wanted = changed(this.#collection.name, record, change) as LiveRecord
    this.#show({ state: 'ready', record: wanted, isDirty: true, error: undefined })
    void this.#send()
  }

  /** The record as it is now, under what was typed since `#base`. */
  #follow(): void {
    const { state, record, error } = this.#record.get()
    if (this.#isSending || state === 'loading') return
    const typed = this.#snapshot.record
    const isKept = this.#base !== undefined && typed !== undefined && record !== undefined
    const shown = isKept && this.#snapshot.isDirty ? this.#rebased(this.#base!, typed!, record!) : record
    this.#base = record
    this.#show({ state, record: shown, isDirty: this.#isTyped(shown), error: error ?? this.#snapshot.error })
  }

  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    // The form may be gone before what was typed is saved.
    const stop = this.#record.subscribe(() => undefined)
    let error: LiveError | undefined
    while (!error && this.#isTyped(this.#snapshot.record)) {
      const [base, wanted] = [this.#base!, this.#snapshot.record!]
      try {
        await this.#replica!.update(this.#collection.name, base.id, { base, wanted: draftOf(wanted) })
        this.#took(wanted as LiveRecord)
      } catch (reason) {
        error = reason as LiveError
      }
    }
    this.#isSending = false
    if (error) this.#show({ ...this.#snapshot, error })
    this.#follow()
    stop()
  }

  /** The edit is in the record that was told last: what was typed since goes on top of it. */
  #took(sent: LiveRecord): void {
    const now = this.#record.get().record
    const typed = this.#snapshot.record as LiveRecord
    const shown = now && this.#rebased(sent, typed, now)
    this.#base = now
    this.#show({ ...this.#snapshot, record: shown, isDirty: this.#isTyped(shown) })
  }

  #rebased(base: JsonObject, typed: JsonObject, now: LiveRecord): LiveRecord {
    if (equalJson(base, typed)) return now
    return { ...rebase(this.#collection.shape, base, typed, now), id: now.id }
  }

  #isTyped(record: JsonObject | undefined): boolean {
    return record !== undefined && record !== this.#base && !equalJson(record, this.#base)
  }

  #show(next: DraftSnapshot<JsonObject>): void {
    const { state, record, isDirty, error } = this.#snapshot
    if (next.state === state && next.record === record && next.isDirty === isDirty && next.error === error)
      return
    this.#snapshot = next
    for (const listener of [...this.#listeners]) listener()
  }
}
