/**
 * The first edits of a record, written without the engine: what `writeEdits` (write.ts) makes in an empty document, byte for byte. A first import of a million rows would spend its
 * time on engine documents that nobody needs again. Anything but the plain making of fields is left to the engine.
 */
import { type ContainerChange, containerChange } from '../change/container.ts'
import type { ContainerKind } from '../change/container-address.ts'
import { encodeChange, type NewOperation, type OperationName } from '../change/encode-change.ts'
import { ACTION } from '../change/operations.ts'
import type { Edit } from './edits.ts'
import { PLAIN_OPERATIONS_MAX } from './plain-history.ts'
import { positionBetween } from './position.ts'
import type { Scalar } from './shape.ts'
import { POSITION_KEY } from './view.ts'
import { containersNeeded, type WriteContext, type Written } from './write.ts'
import { messageOf } from './written-with.ts'

export interface FirstContext
  extends Pick<WriteContext, 'record' | 'incarnation' | 'host' | 'version' | 'time'> {
  /** Hex. */
  actor: string
}

/** @returns the changes, and the heads after them (hex, ascending); undefined when an edit needs the engine */
export function firstChanges(
  edits: readonly Edit[],
  context: FirstContext,
): (Written & { heads: string[] }) | undefined {
  if (edits.some(({ op }) => op === 'delete')) return undefined
  const made = new Containers(context)
  for (const edit of edits) for (const { path, kind } of containersNeeded(edit)) made.ensure(path, kind)
  const startOp = made.deepest + 1
  const operations: NewOperation[] = []
  const next = (): OperationName => ({ counter: startOp + operations.length - 1, actorHex: context.actor })
  for (const edit of edits) {
    addOperations(edit, made, operations, next)
    if (operations.length + made.changes.length > PLAIN_OPERATIONS_MAX) return undefined
  }
  const containers = made.changes.map(({ bytes }) => bytes)
  const deps = made.heads()
  if (operations.length === 0) return { containers, own: [], heads: deps }
  const { actor, host, version, time } = context
  const change = { actorHex: actor, startOp, time, message: messageOf(version), deps, operations }
  const { bytes, hashHex } = encodeChange(change, host)
  return { containers, own: [bytes], heads: [hashHex] }
}

/** @param last names the operation added last */
function addOperations(
  edit: Edit,
  made: Containers,
  operations: NewOperation[],
  last: () => OperationName,
): void {
  const { path } = edit
  const place = () => ({ object: made.nameOf(path.slice(0, -1)), at: { key: path.at(-1)! } })
  switch (edit.op) {
    case 'put':
      operations.push({ action: ACTION.set, ...place(), value: edit.value })
      return
    case 'increment':
      operations.push({ action: ACTION.inc, ...place(), value: edit.by, predecessor: made.nameOf(path)! })
      return
    case 'text':
      addElements([...edit.value], made.nameOf(path), operations, last)
      return
    case 'list':
      addElements(edit.insert, made.nameOf(path), operations, last)
      return
    case 'order':
      addPositions(path, edit.keys, made, operations)
  }
}

function addElements(
  values: readonly Scalar[],
  object: OperationName | undefined,
  operations: NewOperation[],
  last: () => OperationName,
): void {
  let behind: OperationName | undefined
  for (const value of values) {
    operations.push({ action: ACTION.set, object, at: { behind }, value })
    behind = last()
  }
}

function addPositions(
  path: readonly string[],
  keys: readonly string[],
  made: Containers,
  operations: NewOperation[],
): void {
  let place = ''
  for (const key of keys) {
    place = positionBetween(place, undefined)
    const object = made.nameOf([...path, key])
    operations.push({ action: ACTION.set, object, at: { key: POSITION_KEY }, value: place })
  }
}

/** The containers of a record that has none yet, parents first. */
class Containers {
  readonly changes: ContainerChange[] = []
  deepest = 0
  readonly #byPath = new Map<string, ContainerChange>()
  readonly #context: FirstContext
  /** Those that contain others. */
  readonly #around = new Set<ContainerChange>()

  constructor(context: FirstContext) {
    this.#context = context
  }

  ensure(path: readonly string[], kind: ContainerKind): ContainerChange {
    const name = JSON.stringify(path)
    const known = this.#byPath.get(name)
    if (known) return known
    const parents = path.slice(0, -1)
    const around = parents.length > 0 ? this.ensure(parents, 'map') : undefined
    const { record, incarnation, host } = this.#context
    const steps = path.map((key) => ({ key, generation: 0 }))
    const change = containerChange({ record, incarnation, path: steps, kind }, host, around)
    if (around) this.#around.add(around)
    this.changes.push(change)
    this.#byPath.set(name, change)
    this.deepest = Math.max(this.deepest, path.length)
    return change
  }

  /** The operation that makes the container; undefined for the root. */
  nameOf(path: readonly string[]): OperationName | undefined {
    const change = this.#byPath.get(JSON.stringify(path))
    return change && { counter: path.length, actorHex: change.actor }
  }

  /** Hashes that nothing made here depends on, hex, ascending. */
  heads(): string[] {
    return this.changes
      .filter((change) => !this.#around.has(change))
      .map(({ hash }) => hash)
      .sort()
  }
}
