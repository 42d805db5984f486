/** Statements as text with bound values: whatever is not a piece of SQL itself is bound, so that no value can become a part of the language. */

/** As databases take and give it: text, or nothing. */
export type Cell = string | null

interface Bound {
  value: Cell
}

/** A piece of SQL. */
export class Sql {
  readonly parts: readonly (string | Bound)[]

  constructor(parts: readonly (string | Bound)[]) {
    this.parts = parts
  }

  /** Its text and what is bound, for a driver that writes what is bound like this; the first is number 1. */
  rendered(written: (number: number, value: Cell) => string): { text: string; values: Cell[] } {
    const values: Cell[] = []
    const text = this.parts.map((part) => {
      if (typeof part === 'string') return part
      values.push(part.value)
      return written(values.length, part.value)
    })
    return { text: text.join(''), values }
  }
}

/** Pieces of SQL stay what they are; everything else is bound. */
export function sql(texts: TemplateStringsArray, ...given: readonly (Sql | Cell)[]): Sql {
  return new Sql(
    texts.flatMap((text, i) => {
      const part = given[i]
      if (part === undefined) return [text]
      return part instanceof Sql ? [text, ...part.parts] : [text, { value: part }]
    }),
  )
}

/** Text of the language itself: only what stands in the code or was quoted. */
export function raw(text: string): Sql {
  return new Sql([text])
}

export function joined(pieces: readonly Sql[], between: string): Sql {
  return new Sql(pieces.flatMap(({ parts }, i) => (i === 0 ? parts : [between, ...parts])))
}
