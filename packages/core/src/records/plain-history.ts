/**
 * A record's value without the engine, where the history is plain: every change was made knowing all before it, so that nothing is concurrent and each operation simply follows
 * the one before. Most records are so when a device gets them first, and making an engine document for each is what a first sync would spend its time on. Anything that is not
 * plainly in sequence ends it: the caller goes to the engine, whose word is the only one that counts; a property test holds the two together.
 */
import { ByteReader } from '../bytes/reader.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { actorKind } from '../change/actors.ts'
import {
  ACTION,
  type Operation,
  type OperationId,
  objectIdText,
  readOperations,
} from '../change/operations.ts'
import type { ParsedChange } from '../change/parse.ts'
import { VALUE } from '../change/value-meta.ts'
import type { Scalar } from './shape.ts'

/** Operations followed by hand; above it the engine is no slower. */
export const PLAIN_OPERATIONS_MAX = 2_000

interface MapNode {
  kind: 'map'
  slots: Map<string, Slot>
}
interface ListNode {
  kind: 'list' | 'text'
  elements: (Shown & { id: string; value: Scalar })[]
}
type Node = MapNode | ListNode
type Slot = Shown & ({ node: Node } | { value: Scalar; isCounter: boolean })

/** The operation that put there what shows. */
interface Shown {
  counter: number
  actorHex: string
}

/** Thrown and caught in here: this history is not plain. */
class NotPlain extends Error {}

export class PlainHistory {
  readonly #root: MapNode = { kind: 'map', slots: new Map() }
  /** Containers by id; most records have none. */
  #objects: Map<string, Node> | undefined
  /** Hashes, hex; one but for containers. */
  #heads: string[] = []
  #operations = 0

  /** Follows changes in causal order. False: the history is not plain, and this object is of no more use. */
  extend(changes: readonly ParsedChange[]): boolean {
    try {
      for (const change of changes) this.#follow(change)
      return true
    } catch (error) {
      if (error instanceof NotPlain) return false
      throw error
    }
  }

  /** Hashes, hex, ascending. */
  heads(): string[] {
    return this.#heads.toSorted()
  }

  /** As `Document.read` gives it. */
  read(): Record<string, unknown> {
    return plainMap(this.#root)
  }

  #follow(change: ParsedChange): void {
    this.#operations += change.operations
    if (this.#operations > PLAIN_OPERATIONS_MAX) throw new NotPlain()
    const isContainer = actorKind(change.actorHex) === 'container'
    if (isContainer) this.#heads = this.#heads.filter((head) => !change.deps.includes(head))
    else if (
      change.deps.length === this.#heads.length &&
      change.deps.every((dep) => this.#heads.includes(dep))
    )
      this.#heads = []
    else throw new NotPlain()
    this.#heads.push(change.hashHex)
    for (const operation of readOperations(change)) this.#apply(change, operation, isContainer)
  }

  #apply(change: ParsedChange, operation: Operation, isContainer: boolean): void {
    const object = operation.object ? this.#objects?.get(objectIdText(change, operation.object)) : this.#root
    if (!object) throw new NotPlain()
    if (object.kind === 'map') this.#applyToMap(change, operation, object, isContainer)
    else applyToList(change, operation, object)
  }

  #applyToMap(change: ParsedChange, operation: Operation, { slots }: MapNode, isContainer: boolean): void {
    const { action, key, counter } = operation
    if (key === undefined) throw new NotPlain()
    const before = slots.get(key)
    // A container's change replaces nothing, so whatever stands at its key is concurrent to it, and it is left to the engine.
    checkReplaces(change, operation, before)
    const by = { counter, actorHex: change.actorHex }
    if (action === ACTION.del) slots.delete(key)
    else if (action === ACTION.inc) slots.set(key, incremented(before, scalarOf(change, operation)))
    else if (action === ACTION.set) {
      const isCounter = operation.valueType === VALUE.counter
      if (isCounter !== isContainer) throw new NotPlain()
      slots.set(key, { ...by, value: scalarOf(change, operation), isCounter })
    } else {
      if (!isContainer) throw new NotPlain()
      const node = newNode(action)
      slots.set(key, { ...by, node })
      this.#objects ??= new Map()
      this.#objects.set(`${counter}@${change.actorHex}`, node)
    }
  }
}

function newNode(action: number): Node {
  if (action === ACTION.makeMap) return { kind: 'map', slots: new Map() }
  return { kind: action === ACTION.makeList ? 'list' : 'text', elements: [] }
}

function incremented(before: Slot | undefined, by: Scalar): Slot {
  if (!before || !('isCounter' in before) || !before.isCounter) throw new NotPlain()
  return { ...before, value: Number(before.value) + Number(by) }
}

/** An operation that does not replace exactly what shows leaves two values, or none: which, the engine says. */
function checkReplaces(change: ParsedChange, { predecessors }: Operation, shown: Shown | undefined): void {
  if (predecessors.length !== (shown ? 1 : 0)) throw new NotPlain()
  const [replaced] = predecessors
  if (!shown || !replaced) return
  const { actor, counter } = replaced
  const actorHex = actor === 0 ? change.actorHex : change.otherActors[actor - 1]
  if (counter !== shown.counter || actorHex !== shown.actorHex) throw new NotPlain()
}

/** Nothing is concurrent, so an insertion stands right behind the element it names. */
function applyToList(change: ParsedChange, operation: Operation, { kind, elements }: ListNode): void {
  const { action, key, element, insert, counter } = operation
  if (key !== undefined) throw new NotPlain()
  const at = element === undefined ? -1 : placeOf(elements, idText(change, element))
  checkReplaces(change, operation, insert ? undefined : elements[at])
  // What the engine shows of a number among letters is its own affair.
  if (kind === 'text' && action === ACTION.set && operation.valueType !== VALUE.text) throw new NotPlain()
  const { actorHex } = change
  if (action === ACTION.set && insert)
    elements.splice(at + 1, 0, {
      counter,
      actorHex,
      id: `${counter}@${actorHex}`,
      value: scalarOf(change, operation),
    })
  else if (action === ACTION.set && at >= 0)
    elements[at] = { counter, actorHex, id: elements[at]!.id, value: scalarOf(change, operation) }
  else if (action === ACTION.del && at >= 0) elements.splice(at, 1)
  else throw new NotPlain()
}

function idText(change: ParsedChange, id: OperationId): string {
  return objectIdText(change, id)
}

/** Typing goes on at the end, so the search begins there. An element that was deleted is not plain to insert behind. */
function placeOf(elements: ListNode['elements'], id: string): number {
  for (let i = elements.length - 1; i >= 0; i--) if (elements[i]!.id === id) return i
  throw new NotPlain()
}

function scalarOf({ body }: ParsedChange, { valueType, valueStart, valueBytes }: Operation): Scalar {
  const end = valueStart + valueBytes
  switch (valueType) {
    case VALUE.null:
      return null
    case VALUE.false:
      return false
    case VALUE.true:
      return true
    case VALUE.signed:
    case VALUE.counter:
      return new ByteReader(body, valueStart, end).signedVarint()
    case VALUE.float:
      return new DataView(body.buffer, body.byteOffset + valueStart, valueBytes).getFloat64(0, true)
    case VALUE.text: {
      const text = decodeUtf8(body, valueStart, end)
      if (text === undefined) throw new NotPlain()
      return text
    }
    default:
      throw new NotPlain()
  }
}

function plainMap({ slots }: MapNode): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const [key, slot] of slots) plain[key] = 'node' in slot ? plainNode(slot.node) : slot.value
  return plain
}

function plainNode(node: Node): unknown {
  if (node.kind === 'map') return plainMap(node)
  const values = node.elements.map((element) => element.value)
  return node.kind === 'text' ? values.join('') : values
}
