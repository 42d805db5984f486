/** Whether the salts that are kept are those that the entries of the log were written with (SPEC B-151). */
import type { BridgeHost } from '../context.ts'
import { type AuditEntry, rowSubject, subjectOf } from './audit-entry.ts'
import { markOf } from './seal.ts'

interface SaltsKept {
  host: Pick<BridgeHost, 'sha256'>
  saltOf: (subject: string) => Promise<Uint8Array | undefined>
}

export class SaltCheck {
  readonly #kept: SaltsKept
  /** Of subjects whose salt is another one than it was, or none: what to say of the first entry that shows it. */
  readonly #wrong = new Map<string, string>()

  constructor(kept: SaltsKept) {
    this.#kept = kept
  }

  /** Entry by entry, oldest first: an erasure accounts for the salt of what was written before it (B-163). */
  async see(entry: AuditEntry): Promise<void> {
    if (entry.kind === 'erased') {
      const { record, type, rowId } = entry
      this.#wrong.delete(record)
      if (type !== undefined && rowId !== undefined) this.#wrong.delete(rowSubject({ type, rowId }))
      return
    }
    const subject = subjectOf(entry)
    if (subject === undefined || entry.salt === undefined || this.#wrong.has(subject)) return
    const salt = await this.#kept.saltOf(subject)
    if (salt && markOf(this.#kept.host, salt) === entry.salt) return
    const what = salt ? 'is another one than it was written with' : 'was taken away, and nobody erased it'
    this.#wrong.set(subject, `the salt of ${subject.replace('\n', ' ')}, of entry ${entry.n}, ${what}`)
  }

  get problem(): string | undefined {
    return this.#wrong.values().next().value
  }
}
