/** A binary heap with the smallest number first, and of equal ones the one that came first. What is not wanted any more is marked as gone and dropped when it comes up, or when it is half of all. */

/** Below it nothing is gained by clearing up. */
const SMALL = 1_024

export interface Heaped {
  gone: boolean
  /** Grows with every item that is made. */
  order: number
}

export class AgeHeap<Item extends Heaped> {
  readonly #at: (item: Item) => number
  #items: Item[] = []
  #gone = 0

  /** @param at must not change while the item is in here: `empty` it before, and push them after */
  constructor(at: (item: Item) => number) {
    this.#at = at
  }

  /** Items that are wanted. */
  get size(): number {
    return this.#items.length - this.#gone
  }

  first(): Item | undefined {
    while (this.#items[0]?.gone) {
      this.#gone -= 1
      this.#removeFirst()
    }
    return this.#items[0]
  }

  shift(): Item | undefined {
    const item = this.first()
    if (item) this.#removeFirst()
    return item
  }

  push(item: Item): void {
    const items = this.#items
    let at = items.length
    for (let parent = (at - 1) >> 1; at > 0 && this.#isBefore(item, items[parent]!); parent = (at - 1) >> 1) {
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** One of the items in here was marked as gone. */
  lost(): void {
    this.#gone += 1
    if (this.#gone < SMALL || this.#gone * 2 < this.#items.length) return
    for (const item of this.empty()) this.push(item)
  }

  /** Takes all that are wanted out, in no order. */
  empty(): Item[] {
    const wanted = this.#items.filter(({ gone }) => !gone)
    this.#items = []
    this.#gone = 0
    return wanted
  }

  #removeFirst(): void {
    const items = this.#items
    const last = items.pop()
    if (items.length === 0 || !last) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#isBefore(items[child + 1]!, items[child]!)) child += 1
      if (!this.#isBefore(items[child]!, last)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = last
  }

  #isBefore(a: Item, b: Item): boolean {
    const [atA, atB] = [this.#at(a), this.#at(b)]
    return atA < atB || (atA === atB && a.order < b.order)
  }
}
