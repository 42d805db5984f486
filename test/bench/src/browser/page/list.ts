/** What the page shows: all records in order of their titles, and when it came to be so. */

import type { Checked } from '../page-times.ts'
import { asFieldRecord, editOf, fieldRecord, isSame } from '../record.ts'
import type { ContenderPage } from './contender-page.ts'

export class List<Item> {
  items: readonly Item[] = []
  readonly #contender: Pick<ContenderPage<Item>, 'numberOf' | 'read'>
  readonly #waiting = new Set<() => void>()
  /** The newest edit of a record, by number: what must be shown of it. */
  readonly #marks = new Map<number, number>()
  /** Where a record stood when it was last looked for, by number: a search through all of them would be in what an edit takes. */
  readonly #places = new Map<number, number>()

  constructor(contender: Pick<ContenderPage<Item>, 'numberOf' | 'read'>) {
    this.#contender = contender
  }

  readonly told = (items: readonly Item[]): void => {
    this.items = items
    for (const look of [...this.#waiting]) look()
  }

  /** Resolves with the time (`performance.now()`) at which so many are shown. */
  whole(records: number): Promise<number> {
    return this.#until(() => this.items.length >= records)
  }

  /** Resolves with the time at which edit `mark` of this record is shown. */
  shows(number: number, mark: number): Promise<number> {
    this.#marks.set(number, mark)
    return this.#until(() => {
      const item = this.#find(number)
      return item !== undefined && this.#contender.read(item).count === mark
    })
  }

  /** @throws RangeError when it is not shown */
  item(number: number): Item {
    const item = this.#find(number)
    if (item === undefined) throw new RangeError(`record ${number} is not in the list`)
    return item
  }

  check(records: number): Checked {
    const shown = new Map(
      this.items.map((item) => [this.#contender.numberOf(item), asFieldRecord(this.#contender.read(item))]),
    )
    const checked: Checked = { missing: 0, wrong: 0, disordered: 0 }
    for (let number = 0; number < records; number++) {
      const [mark, is] = [this.#marks.get(number), shown.get(number)]
      const wanted = { ...fieldRecord(number), ...(mark !== undefined && editOf(mark)) }
      if (is === undefined) checked.missing += 1
      else if (!isSame(is, wanted)) checked.wrong += 1
    }
    const titles = this.items.map((item) => this.#contender.read(item).title)
    checked.disordered = titles.filter((title, at) => at > 0 && titles[at - 1]! > title).length
    return checked
  }

  #find(number: number): Item | undefined {
    const { numberOf } = this.#contender
    const item = this.items[this.#places.get(number) ?? -1]
    if (item !== undefined && numberOf(item) === number) return item
    this.#places.clear()
    for (const [place, one] of this.items.entries()) this.#places.set(numberOf(one), place)
    return this.items[this.#places.get(number) ?? -1]
  }

  #until(isSo: () => boolean): Promise<number> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return
        this.#waiting.delete(look)
        resolve(performance.now())
      }
      this.#waiting.add(look)
      look()
    })
  }
}
