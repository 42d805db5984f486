/** The people in the office: they open cases and write notes in the CRM, one edit after another. */
import type { Host } from '@skerry/core'
import type { SeededRandom } from '@skerry/core/testing'
import type { Book } from './book.ts'
import { jobOfRow } from './cases.ts'
import type { Crm } from './crm.ts'
import { elapsed } from './within.ts'

/** Milliseconds between two edits, at most: nobody types faster, and the calls of the bridge need some of the machine. */
const PAUSE_MS_MAX = 60
const CASES_OPEN = 6
/** Notes per case, about; a case holds 4,000 letters of them. */
const NOTES_PER_CASE = 40

export class Office {
  readonly #crm: Crm
  readonly #host: Host
  readonly #random: SeededRandom
  readonly #book: Book
  #number = 0

  constructor(crm: Crm, host: Host, random: SeededRandom, book: Book) {
    this.#crm = crm
    this.#host = host
    this.#random = random
    this.#book = book
  }

  async work(goOn: () => boolean): Promise<void> {
    while (goOn()) {
      await elapsed(this.#random.below(PAUSE_MS_MAX))
      await this.#edit()
    }
  }

  async #edit(): Promise<void> {
    const mark = `o${this.#number++}`
    const open = (await this.#crm.rows()).slice(-CASES_OPEN)
    if (open.length === 0 || this.#random.below(NOTES_PER_CASE) === 0) {
      const row = await this.#crm.create({ title: `opened by ${mark}`, notes: `${mark} ` })
      this.#acknowledge(jobOfRow(this.#host, row), mark)
      return
    }
    const row = this.#random.pick(open)
    const record = jobOfRow(this.#host, row)
    // Only the office writes notes, so what was read is what there is.
    const notes = `${String(row.fields.notes ?? '')}${mark} `
    await this.#crm.update(row.id, {
      notes,
      ...(this.#random.chance(0.2) && { title: `retitled by ${mark}` }),
    })
    this.#acknowledge(record, mark)
  }

  #acknowledge(record: string, mark: string): void {
    this.#book.begin({ record, mark })
    this.#book.acknowledge({ record, mark }, 'here')
  }
}
