/**
 * What the apps did, as they saw it: each edit has a mark of its own, which is written into the record and is also the canary that is looked for where it must not be. The
 * ledger knows nothing of logs, entries or changes.
 */

/** A mark's spelling: no other bytes look like it. */
export const markForm = /mk\d{5}k/g

export interface Edit {
  mark: string
  record: string
  node: string
  /** Added to the counter. */
  hours: number
  title?: string
  site?: string
  /** Written into the text, never taken out. */
  note?: string
  part?: { sku: string; qty: number }
}

export interface Acknowledgement {
  edit: Edit
  /** How often hubs had been set back when the session began in which the hub said so: what it said before may be heard after it was set back (W-5). */
  hubRestores: number
}

export class Ledger {
  readonly edits = new Map<string, Edit>()
  readonly acknowledged: Acknowledgement[] = []
  /** Records that somebody deleted, whether or not that came through. */
  readonly deleted = new Set<string>()
  /** Channels that a record, by its key, ever was in or was moved to by anybody. */
  readonly channels = new Map<string, Set<string>>()
  /** The record that a mark was written into, and who wrote it. */
  readonly places = new Map<string, { record: string; node: string }>()
  /** Edits that an app was not told the end of yet, and acknowledgements waited for. */
  readonly waiting = new Map<string, Promise<unknown>>()
  hubRestores = 0
  #marks = 0

  newMark(): string {
    this.#marks += 1
    return `mk${String(this.#marks).padStart(5, '0')}k`
  }

  placed(mark: string, record: string, node: string, channel: string): void {
    this.places.set(mark, { record, node })
    this.entered(record, channel)
  }

  entered(record: string, channel: string): void {
    const channels = this.channels.get(record)
    if (channels) channels.add(channel)
    else this.channels.set(record, new Set([channel]))
  }

  wait(what: string, promise: Promise<unknown>): void {
    this.waiting.set(what, promise)
    const done = () => this.waiting.delete(what)
    promise.then(done, done)
  }
}
