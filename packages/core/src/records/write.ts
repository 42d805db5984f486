/**
 * Edits become changes. First every container that an edit needs and the document lacks is made, each by its own deterministic change, so that two
 * replicas that make the same container offline make the same bytes; then all edits go into one ordinary change.
 *
 * Where something else stands at a container's key (a plain value of an earlier schema, or of somebody who means harm), it is taken away first, by a change of its own: a
 * container's change is older than anything and would lose against it.
 */
import { containerChange } from '../change/container.ts'
import type { ContainerKind } from '../change/container-address.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { aboveLimit } from '../change/refused.ts'
import type { Document } from '../engine/document.ts'
import type { Host } from '../host.ts'
import type { Edit } from './edits.ts'
import { positionBetween } from './position.ts'
import { isEditWithin, TEXT_EDIT_LETTERS_MAX, textSplice } from './text-splice.ts'
import { POSITION_KEY, positionsOf } from './view.ts'
import { messageOf } from './written-with.ts'

export interface WriteContext {
  record: string
  incarnation: number
  host: Pick<Host, 'sha256'>
  /** Seconds since 1970, a label in the history; 0 in deterministic changes. */
  time: number
  /** Version of the collection's schema that the edits were made with. */
  version: number
  /** True for an actor (hex) that the record's history already has. */
  knows(actor: string): boolean
}

export interface Written {
  /** Container changes, parents first. */
  containers: Uint8Array[]
  /** The changes under the document's own actor: what cleared the containers' places, if anything, and the edits, if any. */
  own: Uint8Array[]
}

/** Re-creations of one container that are told apart: each costs a hash to look past. */
export const GENERATIONS_MAX = 64

export class WriteError extends Error {
  override readonly name = 'WriteError'
  readonly code = 'write'
}

export function writeEdits(document: Document, edits: readonly Edit[], context: WriteContext): Written {
  // Read before anything is edited: reading closes the engine's open change.
  const before = edits.some((edit) => edit.op === 'order') ? document.read() : {}
  const containers = new ContainerMaker(document, context)
  for (const edit of edits) for (const need of containersNeeded(edit)) containers.ensure(need.path, need.kind)
  checkContainers(containers.made.length)
  const numbers = clearPlaces(document, containers.inTheWay)
  const message = messageOf(context.version)
  const cleared = document.commit(context.time, message)
  if (containers.made.length > 0) document.apply(containers.made)
  for (const edit of edits) {
    if (edit.op === 'order') applyOrder(document, edit.path, edit.keys, positionsAt(before, edit.path))
    else applyEdit(document, edit, numbers)
  }
  const change = document.commit(context.time, message)
  return { containers: containers.made, own: [cleared, change].filter((one) => one !== undefined) }
}

/** The edits' change depends on every container made for it; found out before the engine has made any. */
function checkContainers(made: number): void {
  const { dependenciesMax } = defaultChangeLimits
  if (made > dependenciesMax)
    throw aboveLimit(
      'too-many-dependencies',
      'rows and other containers made by one edit',
      made,
      dependenciesMax,
    )
}

/** Returns the numbers that stood where counters will: a counter goes on from there. */
function clearPlaces(document: Document, paths: readonly string[][]): Map<string, number> {
  const numbers = new Map<string, number>()
  for (const path of paths) {
    const key = path.at(-1)!
    const parent = containerId(document, path.slice(0, -1))
    const shown = document.values(parent, key).at(-1)?.value
    if (Number.isInteger(shown)) numbers.set(JSON.stringify(path), Number(shown))
    document.delete(parent, key)
  }
  return numbers
}

export function containersNeeded(edit: Edit): { path: string[]; kind: ContainerKind }[] {
  const parents = edit.path.slice(0, -1)
  switch (edit.op) {
    case 'put':
      return parents.length ? [{ path: parents, kind: 'map' }] : []
    case 'delete':
      return []
    case 'text':
      return [{ path: edit.path, kind: 'text' }]
    case 'increment':
      return [{ path: edit.path, kind: 'counter' }]
    case 'list':
      return [{ path: edit.path, kind: 'list' }]
    case 'make':
      return [{ path: edit.path, kind: edit.kind }]
    case 'order':
      return [{ path: edit.path, kind: 'map' }]
  }
}

function applyEdit(
  document: Document,
  edit: Exclude<Edit, { op: 'order' }>,
  numbers: ReadonlyMap<string, number>,
): void {
  if (edit.op === 'make') return
  const key = edit.path.at(-1)!
  const parents = edit.path.slice(0, -1)
  // What it stood in is gone with it.
  if (edit.op === 'delete' && !document.container(parents)) return
  const parent = containerId(document, parents)
  switch (edit.op) {
    case 'put':
      document.put(parent, key, edit.value)
      return
    case 'delete':
      document.delete(parent, key)
      return
    case 'increment':
      document.increment(parent, key, edit.by + (numbers.get(JSON.stringify(edit.path)) ?? 0))
      return
    case 'text':
      writeText(document, containerId(document, edit.path), edit.value)
      return
    case 'list':
      spliceWithin(document, containerId(document, edit.path), edit)
  }
}

/** An edit that was set aside may come back to a list that is shorter now: what it was about is gone, what it adds goes to the end. */
function spliceWithin(
  document: Document,
  list: string,
  { index, remove, insert }: Extract<Edit, { op: 'list' }>,
): void {
  const length = document.length(list)
  const from = Math.min(index, length)
  document.spliceList(list, from, Math.min(remove, length - from), insert)
}

/** @throws ChangeRefused before the engine has any of a text that no change can hold */
function writeText(document: Document, container: string, value: string): void {
  const before = document.text(container)
  const splice = textSplice(before, value)
  const { operationsMax } = defaultChangeLimits
  const letters = splice.remove + splice.insert.length
  const removed = before.slice(splice.index, splice.index + splice.remove)
  const isRewritten =
    letters > TEXT_EDIT_LETTERS_MAX && !isEditWithin(removed, splice.insert, TEXT_EDIT_LETTERS_MAX)
  if (isRewritten && letters > operationsMax)
    throw aboveLimit(
      'too-many-operations',
      'letters removed and inserted in one text',
      letters,
      operationsMax,
    )
  if (isRewritten) document.spliceText(container, splice)
  else document.updateText(container, value)
}

function containerId(document: Document, path: readonly string[]): string {
  const found = document.container(path)
  if (!found) throw new WriteError(`there is no container at '${path.join('/')}' to edit`)
  return found.id
}

function positionsAt(raw: Record<string, unknown>, path: readonly string[]): Map<string, string> {
  return positionsOf(
    path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], raw),
  )
}

/** Rows keep their place where they can; new and moved ones get one between their neighbours. */
function applyOrder(
  document: Document,
  path: readonly string[],
  keys: readonly string[],
  positions: Map<string, string>,
): void {
  // Places that rows have already, in the new order: the next one above the last taken is where a new row must end.
  const taken = keys.map((key) => positions.get(key) ?? '')
  let next = 0
  let last = ''
  keys.forEach((key, i) => {
    if (taken[i]! > last) {
      last = taken[i]!
      return
    }
    const row = document.container([...path, key])
    // Deleted since the edit was made.
    if (!row) return
    // What was passed over is not above the last place, and that only grows.
    next = Math.max(next, i + 1)
    while (next < taken.length && !(taken[next]! > last)) next++
    last = positionBetween(last, taken[next])
    document.put(row.id, POSITION_KEY, last)
  })
}

/** Finds out which containers are lacking. They are applied together afterwards: one call into the engine costs more than one container. */
class ContainerMaker {
  readonly made: Uint8Array[] = []
  /** Paths at which something else stands. */
  readonly inTheWay: string[][] = []
  readonly #document: Document
  readonly #context: WriteContext
  /** Generations of what was made here, by path and kind. */
  readonly #generations = new Map<string, number>()

  constructor(document: Document, context: WriteContext) {
    this.#document = document
    this.#context = context
  }

  ensure(path: readonly string[], kind: ContainerKind): void {
    if (this.#generations.has(nameOf(path, kind))) return
    const shown = this.#shownAt(path)
    if (shown === kind) return
    if (shown !== undefined) this.inTheWay.push([...path])
    const parents = path.slice(0, -1)
    if (parents.length > 0) this.ensure(parents, 'map')
    const steps = this.#steps(parents)
    for (let generation = 0; generation < GENERATIONS_MAX; generation++) {
      const made = this.#change([...steps, { key: path.at(-1)!, generation }], kind)
      if (this.#context.knows(made.actor)) continue
      this.made.push(made.bytes)
      this.#generations.set(nameOf(path, kind), generation)
      return
    }
    throw new WriteError(
      `${this.#context.record}: '${path.join('/')}' was removed and made again ${GENERATIONS_MAX} times, the most a record keeps apart`,
    )
  }

  #shownAt(path: readonly string[]): ReturnType<Document['kindAt']> {
    const parent = this.#document.container(path.slice(0, -1))
    return parent?.kind === 'map' ? this.#document.kindAt(parent.id, path.at(-1)!) : undefined
  }

  #steps(path: readonly string[]): { key: string; generation: number }[] {
    return path.map((key, i) => ({ key, generation: this.#generationOf(path.slice(0, i + 1)) }))
  }

  /** Which re-creation of this map the record holds: made here just now, or told from the actor in its object id. */
  #generationOf(path: readonly string[]): number {
    const made = this.#generations.get(nameOf(path, 'map'))
    if (made !== undefined) return made
    const actor = this.#document.container(path)?.id.split('@')[1]
    const steps = this.#steps(path.slice(0, -1))
    for (let generation = 0; generation < GENERATIONS_MAX; generation++)
      if (this.#change([...steps, { key: path.at(-1)!, generation }], 'map').actor === actor)
        return generation
    throw new WriteError(
      `${this.#context.record}: the container at '${path.join('/')}' was not made by a container change`,
    )
  }

  #change(path: { key: string; generation: number }[], kind: ContainerKind) {
    const { record, incarnation, host } = this.#context
    return containerChange({ record, incarnation, path, kind }, host)
  }
}

function nameOf(path: readonly string[], kind: ContainerKind): string {
  return JSON.stringify([kind, ...path])
}
