/**
 * A working day of a field service as a list of changes, drawn from a seed: what an adapter node sees of it, commit by commit. How it is made, and why so, stands in BRIDGE.md; the rates are those of the people
 * and devices below, and of nothing that suits whoever sends the changes on.
 */
import { SeededRandom } from '@skerry/core/testing'

/** Who made a change. */
export type Source = 'form' | 'notes' | 'progress' | 'dispatch' | 'office' | 'prices' | 'telemetry'

export interface Change {
  /** Milliseconds since midnight. */
  atMs: number
  source: Source
  collection: 'jobs' | 'assets' | 'parts'
  /** Number of the record within its collection. */
  record: number
  fields: Readonly<Record<string, string | number>>
}

export interface TraceSize {
  technicians: number
  dispatchers: number
  /** Single edits of the office over the day. */
  officeEdits: number
  assets: number
  /** Parts whose price a list changes at nine. */
  parts: number
}

export const fullDay: TraceSize = {
  technicians: 40,
  dispatchers: 4,
  officeEdits: 800,
  assets: 60,
  parts: 2_000,
}

export const VISITS_PER_DAY = 8
export const CHECKS = 12
export const DAY_MS = 24 * 3_600_000

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_BEGINS_MS = 7 * HOUR_MS
const DAY_ENDS_MS = 17 * HOUR_MS
const PRICES_MS = 9 * HOUR_MS
/** Milliseconds between two saves of a form while somebody types. */
const AUTOSAVE_MS = 5 * SECOND_MS
const REPORT_MS = 5 * MINUTE_MS
/** Share of the visits without a network: their changes arrive together when it is over. */
const OFFLINE_SHARE = 0.15
const CORRECTED_SHARE = 0.2
const words = [
  'pump',
  'seal',
  'gate',
  'valve',
  'filter',
  'worn',
  'replaced',
  'cleaned',
  'pressure',
  'noise',
  'checked',
  'ordered',
]

export function jobsOf({ technicians }: TraceSize): number {
  return technicians * VISITS_PER_DAY
}

/** In order of time. */
export function drawTrace(seed: number, size: TraceSize): Change[] {
  const random = new SeededRandom(seed)
  const day = new Day(random, size)
  for (let one = 0; one < size.technicians; one++) day.technician(one)
  for (let one = 0; one < size.dispatchers; one++) day.dispatcher()
  day.office()
  day.prices()
  for (let one = 0; one < size.assets; one++) day.asset(one)
  return day.changes.sort((a, b) => a.atMs - b.atMs)
}

class Day {
  readonly changes: Change[] = []
  readonly #random: SeededRandom
  readonly #size: TraceSize

  constructor(random: SeededRandom, size: TraceSize) {
    this.#random = random
    this.#size = size
  }

  /** Drives, works through the form, types notes in bouts, goes on; an hour at noon is quiet. */
  technician(number: number): void {
    let atMs = DAY_BEGINS_MS + this.#between(0, 30 * MINUTE_MS)
    for (let visit = 0; visit < VISITS_PER_DAY; visit++) {
      if (atMs > 12 * HOUR_MS && atMs < 13 * HOUR_MS) atMs = 13 * HOUR_MS + this.#between(0, 10 * MINUTE_MS)
      const made: Change[] = []
      const record = number * VISITS_PER_DAY + visit
      const say = (source: Source, fields: Change['fields']) =>
        made.push({ atMs, source, collection: 'jobs', record, fields })
      say('progress', { status: 'en_route' })
      atMs += this.#between(10 * MINUTE_MS, 30 * MINUTE_MS)
      say('progress', { status: 'on_site' })
      let notes = ''
      const bouts = new Set(Array.from({ length: 3 }, () => this.#whole(0, CHECKS)))
      for (let check = 0; check < CHECKS; check++) {
        atMs += this.#between(20 * SECOND_MS, 120 * SECOND_MS)
        const pass = () => (this.#random.chance(0.8) ? 'ok' : 'worn')
        say('form', { [`check${check}`]: pass() })
        if (this.#random.chance(CORRECTED_SHARE)) {
          atMs += this.#between(3 * SECOND_MS, 15 * SECOND_MS)
          say('form', { [`check${check}`]: `${pass()}, corrected` })
        }
        if (!bouts.has(check)) continue
        for (let saves = this.#whole(4, 14); saves > 0; saves--) {
          atMs += AUTOSAVE_MS
          notes = `${notes} ${this.#word()} ${this.#word()}`.trim()
          say('notes', { notes })
        }
      }
      atMs += this.#between(20 * SECOND_MS, 3 * MINUTE_MS)
      say('form', { hours: this.#whole(1, 4), result: this.#word() })
      say('progress', { status: 'done' })
      const isOffline = this.#random.chance(OFFLINE_SHARE)
      this.changes.push(...(isOffline ? made.map((one) => ({ ...one, atMs })) : made))
      atMs += this.#between(MINUTE_MS, 5 * MINUTE_MS)
    }
  }

  /** Reassigns and reorders: one edit of one job, here and there several fields one after the other. */
  dispatcher(): void {
    for (
      let atMs = DAY_BEGINS_MS;
      atMs < DAY_ENDS_MS;
      atMs += this.#between(20 * SECOND_MS, 150 * SECOND_MS)
    ) {
      const record = this.#whole(0, jobsOf(this.#size))
      const edits = this.#random.chance(0.1) ? 3 : 1
      const fields = [{ owner: this.#word() }, { priority: this.#whole(1, 6) }, { due: this.#whole(8, 18) }]
      const first = this.#whole(0, fields.length)
      for (let edit = 0; edit < edits; edit++)
        this.changes.push({
          atMs: atMs + edit * this.#between(4 * SECOND_MS, 12 * SECOND_MS),
          source: 'dispatch',
          collection: 'jobs',
          record,
          fields: fields[(first + edit) % fields.length]!,
        })
    }
  }

  /** Single corrections of parts, spread over the day. */
  office(): void {
    for (let edit = 0; edit < this.#size.officeEdits; edit++)
      this.changes.push({
        atMs: this.#between(DAY_BEGINS_MS, DAY_ENDS_MS),
        source: 'office',
        collection: 'parts',
        record: this.#whole(0, this.#size.parts),
        fields: { shelf: `${this.#word()} ${this.#whole(1, 99)}` },
      })
  }

  /** A script, one commit for each part. */
  prices(): void {
    for (let record = 0; record < this.#size.parts; record++)
      this.changes.push({
        atMs: PRICES_MS + record * 5,
        source: 'prices',
        collection: 'parts',
        record,
        fields: { price: `${this.#whole(1, 900)}.${this.#whole(10, 99)}` },
      })
  }

  /** Day and night, every five minutes: three fields that always differ. */
  asset(record: number): void {
    let runHours = this.#whole(0, 9_000)
    for (let atMs = this.#between(0, REPORT_MS); atMs < DAY_MS; atMs += REPORT_MS) {
      runHours += 0.1
      this.changes.push({
        atMs,
        source: 'telemetry',
        collection: 'assets',
        record,
        fields: {
          runHours: Math.round(runHours * 10) / 10,
          battery: this.#whole(40, 100),
          seenAt: Math.round(atMs / SECOND_MS),
        },
      })
    }
  }

  #between(from: number, to: number): number {
    return from + this.#random.below(to - from)
  }

  /** At least `from`, below `below`. */
  #whole(from: number, below: number): number {
    return from + this.#random.below(below - from)
  }

  #word(): string {
    return this.#random.pick(words)
  }
}
