/**
 * Two sorted collections for a log's index. Both take removals as notes that are swept when they outnumber what is left,
 * so that no run of inserts and removals costs more than n log n in all.
 */

/** Removals noted before a sweep is worth its cost. */
const SWEEP_REMOVED_MIN = 64
/** New keys that are put in their places one by one: moving what stands behind costs a hundredth of looking at every key. */
const PLACED_MAX = 32

/** Things in ascending `seq`. Mostly appended; a replacement may take the place of a removed one. */
export class SeqList<T extends { seq: number }> {
  #items: T[] = []
  #removed = new Set<T>()

  get size(): number {
    return this.#items.length - this.#removed.size
  }

  put(item: T): void {
    const last = this.#items.at(-1)
    if (!last || item.seq >= last.seq) {
      this.#items.push(item)
      return
    }
    const at = this.#firstAbove(item.seq - 1)
    const there = this.#items[at]
    const reuse = there !== undefined && there.seq === item.seq && this.#removed.delete(there)
    this.#items.splice(at, reuse ? 1 : 0, item)
  }

  remove(item: T): void {
    this.#removed.add(item)
    if (this.#removed.size < SWEEP_REMOVED_MIN || this.#removed.size < this.size) return
    this.#items = this.#items.filter((kept) => !this.#removed.has(kept))
    this.#removed.clear()
  }

  *above(seq: number): Generator<T> {
    for (let at = this.#firstAbove(seq); at < this.#items.length; at += 1) {
      const item = this.#items[at] as T
      if (!this.#removed.has(item)) yield item
    }
  }

  clone(): SeqList<T> {
    const copy = new SeqList<T>()
    copy.#items = this.#items.filter((item) => !this.#removed.has(item))
    return copy
  }

  /** Index of the first item with a sequence above `seq`. */
  #firstAbove(seq: number): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#items[middle] as T).seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A map whose keys can be walked in ascending code units. New keys wait unsorted until the next walk. */
export class SortedMap<V> {
  #values = new Map<string, V>()
  #sorted: string[] = []
  #fresh: string[] = []

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#fresh.push(key)
    this.#values.set(key, value)
    if (this.#fresh.length > 2 * this.#values.size + SWEEP_REMOVED_MIN) this.#sort()
  }

  /** The key stays in the sorted keys until the next walk finds it without a value. */
  delete(key: string): void {
    this.#values.delete(key)
  }

  *above(after: string | undefined, from = ''): Generator<[key: string, value: V]> {
    this.#sort()
    for (let at = this.#firstAtOrAbove(after !== undefined && after > from ? after : from); ; at += 1) {
      const key = this.#sorted[at]
      if (key === undefined) return
      const value = this.#values.get(key)
      if (value !== undefined && key !== after) yield [key, value]
    }
  }

  clone(): SortedMap<V> {
    const copy = new SortedMap<V>()
    copy.#values = new Map(this.#values)
    copy.#fresh = [...this.#values.keys()]
    return copy
  }

  #sort(): void {
    if (this.#fresh.length === 0) return
    const hasRoom = this.#sorted.length <= 2 * this.#values.size + SWEEP_REMOVED_MIN
    if (this.#fresh.length <= PLACED_MAX && hasRoom) this.#placeEach()
    else this.#merge()
    this.#fresh = []
  }

  #placeEach(): void {
    for (const key of this.#fresh) {
      const at = this.#firstAtOrAbove(key)
      // One that was removed and has come again may stand there still.
      if (this.#sorted[at] !== key) this.#sorted.splice(at, 0, key)
    }
  }

  /** Without the keys that have no value any more. */
  #merge(): void {
    const fresh = this.#fresh.sort(byCodeUnits)
    const merged: string[] = []
    let left = 0
    for (const key of fresh) {
      while (left < this.#sorted.length && (this.#sorted[left] as string) < key) this.#keep(merged, left++)
      if (this.#values.has(key) && merged.at(-1) !== key) merged.push(key)
    }
    while (left < this.#sorted.length) this.#keep(merged, left++)
    this.#sorted = merged
  }

  #keep(merged: string[], index: number): void {
    const key = this.#sorted[index] as string
    if (this.#values.has(key) && merged.at(-1) !== key) merged.push(key)
  }

  #firstAtOrAbove(key: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

export function byCodeUnits(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
