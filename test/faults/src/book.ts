/**
 * What the parent was told of each edit, and what must therefore be found. The book lives in the process that is never killed, so it is what everything else is held
 * against: an edit that was acknowledged must be found, one that was only begun may be, any other must not.
 */
import type { MarkedEdit, Place } from './marking.ts'
import { disagreement, type Visit } from './visits.ts'

export interface Found {
  /** Acknowledged, and not found. */
  lost: string[]
  /** Found more than once, or never begun. */
  duplicated: string[]
}

export class Book {
  readonly #begun = new Map<string, Set<string>>()
  readonly #acknowledged: Record<Place, Map<string, Set<string>>> = { here: new Map(), there: new Map() }
  readonly #counts: Record<Place, number> = { here: 0, there: 0 }

  begin({ record, mark }: MarkedEdit): void {
    marksOf(this.#begun, record).add(mark)
  }

  acknowledge({ record, mark }: MarkedEdit, place: Place): void {
    const marks = marksOf(this.#acknowledged[place], record)
    if (marks.has(mark)) return
    marks.add(mark)
    this.#counts[place] += 1
  }

  count(place: Place): number {
    return this.#counts[place]
  }

  /** Holds all visits of a node against what was acknowledged at `place`. */
  check(visits: ReadonlyMap<string, Visit>, place: Place): Found {
    const found: Found = { lost: [], duplicated: [] }
    for (const [record, marks] of this.#acknowledged[place]) {
      const there = visits.get(record)?.marks ?? {}
      for (const mark of marks) if (!there[mark]) found.lost.push(`${mark} of ${record}`)
    }
    for (const [record, visit] of visits) {
      const wrong = disagreement(visit)
      if (wrong) found.duplicated.push(`${record}: ${wrong}`)
      for (const mark of Object.keys(visit.marks))
        if (!this.#begun.get(record)?.has(mark))
          found.duplicated.push(`${mark} of ${record}, which nobody began`)
    }
    return found
  }
}

function marksOf(book: Map<string, Set<string>>, record: string): Set<string> {
  const marks = book.get(record) ?? new Set()
  book.set(record, marks)
  return marks
}
