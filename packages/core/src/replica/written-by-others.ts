/**
 * What a field would say if what was taken back had never been in it. Leaving changes out does not tell where several write into one thing: whoever adds to a counter, or writes into a text or a list, builds on who made
 * it. So the record's changes are followed from the first on, and those of others are brought over to a value of its own (records/rebase.ts), which those that were taken back never reach.
 *
 *     shown      ─others─► a ─taken─► ab ─others─► abc
 *     of others  ─others─► a          a  ─others─► ac
 */
import { actorKind } from '../change/actors.ts'
import type { ParsedChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import { shapeAt, valueAt } from '../records/changed-fields.ts'
import { equalJson, own } from '../records/edits.ts'
import { pathOf } from '../records/pointer.ts'
import { rebaseField } from '../records/rebase.ts'
import { isObject, type Json, type Shape } from '../records/shape.ts'
import { viewOf } from '../records/view.ts'

export interface Told {
  /** Oldest first, without what was taken back by mends. */
  changes: readonly ParsedChange[]
  isTaken(change: ParsedChange): boolean
  /** JSON pointers, as the record keeps its fields. */
  pointers: readonly string[]
}

/** By pointer; undefined where others wrote nothing. @throws EngineError */
export function writtenByOthers(
  actor: string,
  shape: Shape & { kind: 'map' },
  { changes, isTaken, pointers }: Told,
): Map<string, Json | undefined> {
  if (pointers.length === 0) return new Map()
  const document = new Document(actor)
  try {
    const read = () => {
      const { value } = viewOf(shape, document.read())
      return pointers.map((pointer) => valueAt(shape, value, pathOf(pointer)))
    }
    let shown: (Json | undefined)[] = pointers.map(() => undefined)
    let ofOthers = shown
    // A container is nobody's: it is there with what is written into it.
    const isOfOthers = (change: ParsedChange) =>
      !isTaken(change) && actorKind(change.actorHex) !== 'container'
    for (const run of runsOf(changes, isOfOthers)) {
      document.apply(run.map(({ bytes }) => bytes))
      const now = read()
      if (isOfOthers(run[0]!))
        ofOthers = ofOthers.map((value, i) =>
          broughtOver(shapeAt(shape, pathOf(pointers[i]!)), shown[i], now[i], value),
        )
      shown = now
    }
    return new Map(pointers.map((pointer, i) => [pointer, ofOthers[i]]))
  } finally {
    document.free()
  }
}

/** Neighbours of which the same is said, together: each run costs a look at the record. */
function runsOf<T>(items: readonly T[], say: (item: T) => boolean): T[][] {
  const runs: T[][] = []
  for (const item of items) {
    const run = runs.at(-1)
    if (run && say(run[0]!) === say(item)) run.push(item)
    else runs.push([item])
  }
  return runs
}

function broughtOver(
  shape: Shape | undefined,
  before: Json | undefined,
  after: Json | undefined,
  current: Json | undefined,
): Json | undefined {
  const onto = shape?.kind === 'keyed' ? withAdopted(shape, { before, after, current }) : current
  return rebaseField(shape, before, after, onto)
}

/** Whoever edits a row adopts it, with what is in it. */
function withAdopted(
  { key }: Shape & { kind: 'keyed' },
  { before, after, current }: Record<'before' | 'after' | 'current', Json | undefined>,
): Json | undefined {
  const rowsOf = (rows: Json | undefined) =>
    new Map(Array.isArray(rows) ? rows.map((row) => [isObject(row) ? own(row, key) : undefined, row]) : [])
  const [was, is, now] = [rowsOf(before), rowsOf(after), rowsOf(current)]
  const adopted = [...is].flatMap(([name, row]) => {
    const known = was.get(name)
    return known !== undefined && !now.has(name) && !equalJson(known, row) ? [known] : []
  })
  return adopted.length === 0 ? current : [...now.values(), ...adopted]
}
