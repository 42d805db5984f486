/**
 * Whether anything was lost, done twice or left different, told from what was done and from what both sides have in the end. It knows neither shadows nor outboxes, nor how the bridge decides; what it expects follows
 * from four kinds of fields:
 *
 *   title   edited here alone          the last edit that was acknowledged stands on both sides
 *   owner   edited there alone         likewise
 *   site    edited on both sides       both sides have the last edit of one of them
 *   tags    each edit adds a tag       both sides have every tag, each once
 *   stock   each edit adds a number    both sides have the sum of all, told by the tags that were added with them
 *
 * An edit that was under way when the power went may or may not have been kept: it may stand, it need not.
 */
import type { JsonObject } from '@skerry/core'
import type { Commit } from './stand-in.ts'

export type Side = 'here' | 'there'

export interface Edit {
  ref: string
  side: Side
  field: 'title' | 'owner' | 'site' | 'tags'
  /** Unlike every other one. */
  token: string
  /** Added to `stock`, of an edit of `tags`. */
  stock?: number
}

export interface Judgement {
  /** Fields that differ between a record and its row, or of which one side has none. */
  diverged: number
  /** Rows made twice, tags that stand twice, sums that are too large, calls carried out twice, values that came back. */
  duplicates: number
  /** Edits acknowledged of which nothing is left. */
  lost: number
  /** Of the first few, in words. */
  examples: string[]
}

interface Known {
  /** By field and side the values that may stand: the last acknowledged one (null where there is none), and what may have come after it. */
  last: Map<string, (string | null)[]>
  tags: Map<string, { stock: number; isSure: boolean }>
  rows: Set<string>
  /** Titles that the row has had. */
  titles: string[]
}

const EXAMPLES_MAX = 5
const compared = ['title', 'owner', 'site', 'stock', 'tags'] as const

export class Oracle {
  readonly #known = new Map<string, Known>()
  readonly #keys = new Set<string>()
  readonly #judged: Judgement = { diverged: 0, duplicates: 0, lost: 0, examples: [] }

  /** Before it is made. */
  begins(edit: Edit): void {
    const known = this.#of(edit.ref)
    if (edit.field === 'tags') known.tags.set(edit.token, { stock: edit.stock ?? 0, isSure: false })
    else this.#standing(known, edit).push(edit.token)
  }

  /** It is durable: nothing that was written before it by the same side may stand any more. */
  acknowledged(edit: Edit): void {
    const known = this.#of(edit.ref)
    if (edit.field === 'tags') {
      known.tags.get(edit.token)!.isSure = true
      return
    }
    const standing = this.#standing(known, edit)
    standing.splice(0, standing.indexOf(edit.token))
  }

  /** The system has stored a row. */
  stored({ row, fields, key, isNew }: Commit): void {
    const ref = String(row.value.Ref)
    const known = this.#of(ref)
    known.rows.add(row.id)
    if (isNew && known.rows.size > 1) this.#duplicate(`${ref} has the rows ${[...known.rows].join(', ')}`)
    if (key === undefined) return
    if (this.#keys.has(key)) this.#duplicate(`the call ${key} was carried out twice`)
    this.#keys.add(key)
    const title = fields.Title
    if (typeof title !== 'string' || known.titles.at(-1) === title) return
    if (known.titles.includes(title)) this.#duplicate(`${ref} has the title ${title} a second time`)
    known.titles.push(title)
  }

  /** @param records by what is in their field `ref` */
  judge(records: ReadonlyMap<string, readonly JsonObject[]>, rows: readonly JsonObject[]): Judgement {
    const rowsByRef = Map.groupBy(rows, (row) => String(row.Ref))
    for (const [ref, known] of this.#known) {
      const [record, ...more] = records.get(ref) ?? []
      const [row] = rowsByRef.get(ref) ?? []
      if (more.length > 0) this.#duplicate(`${ref} is ${more.length + 1} records`)
      this.#compare(ref, record, row)
      if (row) this.#judgeRow(ref, known, row)
      else this.#lose(`${ref} has no row`)
    }
    return this.#judged
  }

  #compare(ref: string, record: JsonObject | undefined, row: JsonObject | undefined): void {
    for (const field of compared) {
      const [ours, theirs] = [spelled(record?.[field]), spelled(row?.[capital(field)])]
      if (ours === theirs) continue
      this.#judged.diverged += 1
      this.#note(`${ref} has ${field} ${ours} here and ${theirs} there`)
    }
  }

  #judgeRow(ref: string, known: Known, row: JsonObject): void {
    for (const field of ['title', 'owner', 'site'] as const) {
      const sides = [known.last.get(`${field} here`), known.last.get(`${field} there`)]
      const edited = sides.filter((standing) => standing !== undefined)
      const value = (row[capital(field)] ?? null) as string | null
      const mayStand =
        value === null
          ? edited.every((standing) => standing.includes(null))
          : edited.some((standing) => standing.includes(value))
      if (!mayStand)
        this.#lose(`${ref} has ${field} ${spelled(value)}, want one of ${spelled(edited.flat())}`)
    }
    const tags = (row.Tags ?? []) as string[]
    if (new Set(tags).size < tags.length) this.#duplicate(`${ref} has tags twice: ${tags.join(', ')}`)
    for (const [token, { isSure }] of known.tags)
      if (isSure && !tags.includes(token)) this.#lose(`${ref} lacks the tag ${token}`)
    const sum = tags.reduce((all, token) => all + (known.tags.get(token)?.stock ?? 0), 0)
    const stock = Number(row.Stock ?? 0)
    if (stock > sum) this.#duplicate(`${ref} has the stock ${stock}, want ${sum}`)
    if (stock < sum) this.#lose(`${ref} has the stock ${stock}, want ${sum}`)
  }

  #standing(known: Known, { field, side }: Edit): (string | null)[] {
    const key = `${field} ${side}`
    const standing = known.last.get(key) ?? [null]
    known.last.set(key, standing)
    return standing
  }

  #of(ref: string): Known {
    let known = this.#known.get(ref)
    if (!known) {
      known = { last: new Map(), tags: new Map(), rows: new Set(), titles: [] }
      this.#known.set(ref, known)
    }
    return known
  }

  #lose(what: string): void {
    this.#judged.lost += 1
    this.#note(what)
  }

  #duplicate(what: string): void {
    this.#judged.duplicates += 1
    this.#note(what)
  }

  #note(what: string): void {
    if (this.#judged.examples.length < EXAMPLES_MAX) this.#judged.examples.push(what)
  }
}

/** Order says nothing in a list of tags, and absent is as empty as null. */
function spelled(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.toSorted() : (value ?? null))
}

function capital(field: string): string {
  return field[0]!.toUpperCase() + field.slice(1)
}
