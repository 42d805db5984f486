/**
 * A hub that went back to a backup lacks what it confirmed since, and does not know of it. Its folder of blobs has another name then, its generation, which every answer tells; here is what a device makes of
 * that (SPEC.md, BL-82 to BL-85). What is heard is only noted; the queue keeps it when it begins to look.
 *
 *   at-hub, taken here ──another generation──▶ is it here, and does a record have it? ──yes──▶ waiting
 *                                                        └─no──▶ at-hub
 */
import type { Host, ReplicaBase } from '@skerry/core'
import { ask, type DeviceAccess, GENERATION_HEADER, generationUrl } from './hub-door.ts'
import type { Ledger, LedgerRow } from './ledger.ts'
import { ANSWER_MS_MAX, GENERATION_ASKED_MS, GENERATION_LENGTH_MAX } from './limits.ts'
import { recordsReferring } from './referring.ts'
import type { BlobStore } from './store/port.ts'

export interface GenerationParts {
  replica: Pick<ReplicaBase, 'rows' | 'collections'>
  host: Pick<Host, 'now'>
  store: BlobStore
  ledger: Ledger
  access: DeviceAccess
  /** Address of the hub. */
  hub: string
  /** Runs it while nothing is evicted: what becomes an original is not given up by who looked before. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Another one than what is kept was heard. */
  onOther(): void
  /** These wait again. */
  onChange(sha256: string): void
}

export class HubGeneration {
  readonly #parts: GenerationParts
  readonly #origin: string
  #heard: string | undefined
  #kept: string | undefined
  #isRead = false
  /** When the hub answered last that could have told it; by the host's clock, which may jump. */
  #toldAt: number | undefined

  constructor(parts: GenerationParts) {
    this.#parts = parts
    this.#origin = new URL(parts.hub).origin
  }

  /** A replica beside says nothing of the hub. */
  heard(url: string, headers: Headers): void {
    const told = headers.get(GENERATION_HEADER) ?? ''
    if (told === '' || told.length > GENERATION_LENGTH_MAX || new URL(url).origin !== this.#origin) return
    this.#heard = told
    this.#toldAt = this.#parts.host.now()
    // The first one asks for nothing again.
    if (this.#kept !== undefined && told !== this.#kept) this.#parts.onOther()
  }

  /** Asks for it where it is time to; that nobody answers is no matter, since whoever sends or fetches asks too. */
  async look(ended: AbortSignal): Promise<void> {
    const { ledger, access, hub, host } = this.#parts
    if (this.#isDue() && (await ledger.all()).some(isTakenAtHub)) {
      const signal = AbortSignal.any([ended, AbortSignal.timeout(ANSWER_MS_MAX)])
      const asked = await ask(access, generationUrl(hub), { method: 'GET', signal })
      // Nothing of it: a hub of an earlier version. Whoever refuses it for now is asked again.
      if (asked.kind === 'answer' || (asked.kind === 'refused' && asked.status === 404))
        this.#toldAt = host.now()
    }
    await this.#keep()
  }

  /** Before the first is written down that the hub has: else a hub that goes back meanwhile tells the first generation that counts. */
  async keepFirst(): Promise<void> {
    if (this.#kept === undefined) await this.#keep()
  }

  /** What was heard last becomes what is kept, and with it all rows that are to be asked for again under it. */
  async #keep(): Promise<void> {
    const { ledger, alone, onChange } = this.#parts
    if (!this.#isRead) this.#kept = await ledger.generation()
    this.#isRead = true
    const heard = this.#heard
    if (heard === undefined || heard === this.#kept) return
    const isFirst = this.#kept === undefined
    const changed = await alone(async () => {
      const again = isFirst ? (row: LedgerRow) => row : await this.#asking()
      return ledger.keepGeneration(heard, again)
    })
    this.#kept = heard
    for (const { sha256 } of changed) onChange(sha256)
  }

  #isDue(): boolean {
    const sinceMs = this.#parts.host.now() - (this.#toldAt ?? Number.NEGATIVE_INFINITY)
    return sinceMs >= GENERATION_ASKED_MS || sinceMs < 0
  }

  /** What becomes of a row. Whatever is taken from here on is here, and has the record that it was taken for. */
  async #asking(): Promise<(row: LedgerRow) => LedgerRow> {
    const { replica, store, ledger } = this.#parts
    const taken = (await ledger.all()).filter(isTakenAtHub)
    const wanted = new Map(taken.map(({ sha256, record }) => [sha256, record]))
    const records = await recordsReferring(replica.rows, replica.collections.keys(), wanted)
    const stays = new Set<string>()
    for (const { sha256 } of taken) if (!records.has(sha256) || !(await store.stat(sha256))) stays.add(sha256)
    return (row) => {
      if (!isTakenAtHub(row) || stays.has(row.sha256)) return row
      return { ...row, state: 'waiting', record: records.get(row.sha256) ?? row.record }
    }
  }
}

function isTakenAtHub({ state, taken }: LedgerRow): boolean {
  return state === 'at-hub' && taken === true
}
