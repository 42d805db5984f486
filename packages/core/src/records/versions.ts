/**
 * A collection's versions: how its documents keep fields, and how this version reads and writes them. A field is stored for ever under the name it came with, as what it was then; lenses
 * lead from there to what this version shows.
 *
 *      document ── viewOf ──► stored value ── lenses forward ───► view
 *      document ◄── edits ─── stored value ◄── lenses backward ── draft
 */
import { DraftError, diffViews, type Edit, type UnknownFields } from './edits.ts'
import { Layout, type NamedField } from './layout.ts'
import type { Lens } from './lens.ts'
import { type MapShape, stagesOf } from './lens-stages.ts'
import { backwardAll, type Step } from './lens-step.ts'
import { type JsonObject, SchemaDefinitionError } from './shape.ts'

/** Lenses by the version they lead to: `{ 2: [rename('site', 'place')] }`. What was shipped is never changed. */
export type Migrations = Readonly<Record<number, readonly Lens[]>>

/** Versions of a collection, one a week for twenty years: each costs a pass over a record's fields when it is read. */
export const VERSION_MAX = 1_000

export class Versions {
  /** This version. */
  readonly number: number
  /** What documents hold, as far as this version knows. */
  readonly stored: MapShape
  readonly #shape: MapShape
  readonly #layout: Layout
  readonly #steps: readonly Step[]
  /** The version to which each step leads. */
  readonly #leadsTo: readonly number[]

  /** @throws SchemaDefinitionError when the migrations do not lead to this shape */
  constructor(shape: MapShape, number: number, migrations: Migrations, where: string) {
    checkVersion(number, migrations, where)
    const lenses = Object.entries(migrations).flatMap(([version, some]) =>
      some.map((lens) => ({ lens, version: Number(version) })),
    )
    const stages = stagesOf(
      lenses.map(({ lens }) => lens),
      shape.fields,
      where,
    )
    this.number = number
    this.#shape = shape
    this.#layout = new Layout({ kind: 'map', fields: stages[0]! })
    this.#steps = lenses.map(({ lens, version }, i) => this.#layout.follow(lens, version, stages[i + 1]!))
    this.#leadsTo = lenses.map(({ version }) => version)
    this.stored = this.#layout.stored()
  }

  /** What this version shows of a stored value. */
  view(stored: JsonObject): JsonObject {
    return this.#layout.view(stored)
  }

  /** What this version shows of what an older one showed; undefined when that cannot be said, and for a newer one. */
  viewFrom(version: number, view: JsonObject): JsonObject | undefined {
    if (version === this.number) return view
    if (version > this.number) return undefined
    const older = this.#steps.slice(0, this.#leadsTo.filter((to) => to <= version).length)
    try {
      return this.view(backwardAll(older, view, undefined, 'leave'))
    } catch (error) {
      if (error instanceof DraftError) return undefined
      throw error
    }
  }

  /**
   * The edits of the document after which this version shows `after`. `stored` is what the document holds, undefined for a record that is new or was deleted.
   * @throws DraftError
   */
  edits(stored: JsonObject | undefined, after: JsonObject, unknown: UnknownFields = 'refuse'): Edit[] {
    if (this.#steps.length === 0) return diffViews(this.#shape, stored ?? {}, after, unknown)
    // What a draft may not say is said in this version's names.
    const shown = diffViews(this.#shape, stored ? this.view(stored) : {}, after, unknown)
    if (shown.length === 0) return []
    const target = backwardAll(this.#steps, after, stored, unknown)
    return this.#together(diffViews(this.stored, stored ?? {}, target, 'leave'))
  }

  /** A stored field as this version names and reads it; undefined when it does not show it. */
  named(path: readonly string[]): NamedField | undefined {
    return this.#layout.named(path)
  }

  /** Where a field that this version shows is stored, and whether in another form. */
  storedAs(name: string): { key: string; isConverted: boolean } | undefined {
    return this.#layout.storedAs(name)
  }

  /**
   * Fields that say one thing in two forms are written next to each other and always in one order. So the same one of two concurrent changes wins in all of them: the later
   * operation wins, and no operation of the one comes between two of the other.
   */
  #together(edits: readonly Edit[]): Edit[] {
    const placed = edits.map((edit) => ({ edit, at: this.#layout.together(edit.path) }))
    const apart = placed.filter(({ at }) => !at)
    const groups = [...new Set(placed.flatMap(({ at }) => (at ? [at.id] : [])))]
    const grouped = groups.flatMap((id) =>
      placed.filter(({ at }) => at?.id === id).sort((a, b) => a.at!.place - b.at!.place),
    )
    return [...apart, ...grouped].map(({ edit }) => edit)
  }
}

function checkVersion(number: number, migrations: Migrations, where: string): void {
  if (!Number.isInteger(number) || number < 1 || number > VERSION_MAX)
    throw new SchemaDefinitionError(`${where}: version ${number} is not from 1 to ${VERSION_MAX}`)
  const found = Object.keys(migrations).map(Number)
  const wanted = Array.from({ length: number - 1 }, (_, i) => i + 2)
  if (found.length === wanted.length && wanted.every((version, i) => found[i] === version)) return
  throw new SchemaDefinitionError(
    `${where}: version ${number} needs a migration to each of ${wanted.join(', ') || 'no version'}, and has ${found.join(', ') || 'none'}; an empty list says that nothing but constraints changed`,
  )
}
