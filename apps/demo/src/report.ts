/** What the story claims, and what was seen: one row for each claim, with the time since the claim before. */
import { isDeepStrictEqual } from 'node:util'

export interface Row {
  step: string
  /** What is expected to hold, in words. */
  claim: string
  expected: string
  seen: string
  held: boolean
  ms: number
}

export class Report {
  readonly rows: Row[] = []
  readonly #told: (row: Row) => void
  #step = ''
  #since = 0

  /** @param told called with each row as it comes */
  constructor(told: (row: Row) => void) {
    this.#told = told
  }

  get held(): boolean {
    return this.rows.every(({ held }) => held)
  }

  begin(step: string): void {
    this.#step = step
    this.#since = performance.now()
  }

  /** The time of the next claim counts from now. */
  mark(): void {
    this.#since = performance.now()
  }

  /** Notes whether `seen` is `expected`, by value. */
  check(claim: string, expected: unknown, seen: unknown): void {
    this.judge(claim, words(expected), words(seen), isDeepStrictEqual(seen, expected))
  }

  /** Notes what is no question of equality. */
  judge(claim: string, expected: string, seen: string, held: boolean): void {
    this.#add({ claim, expected, seen, held })
  }

  /** The step could not go on. */
  failed(error: unknown): void {
    const seen = error instanceof Error ? error.message : String(error)
    this.#add({ claim: 'the step comes to its end', expected: 'it does', seen, held: false })
  }

  #add(row: Pick<Row, 'claim' | 'expected' | 'seen' | 'held'>): void {
    const now = performance.now()
    const complete = { step: this.#step, ...row, ms: now - this.#since }
    this.#since = now
    this.rows.push(complete)
    this.#told(complete)
  }
}

function words(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return value.toLocaleString('en-US')
  return JSON.stringify(value) ?? String(value)
}
