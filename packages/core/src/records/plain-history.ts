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
const OPERATIONS_MAX = 2_000

interface MapNode {
  kind: 'map'
  slots: Map<string, Slot>
}
interface ListNode {
  kind: 'list' | 'text'
  elements: { id: string; value: Scalar }[]
}
type Node = MapNode | ListNode
type Slot = { node: Node } | { value: Scalar; isCounter: boolean }

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
    if (this.#operations > OPERATIONS_MAX) throw new NotPlain()
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
    const { action, key } = operation
    if (key === undefined) throw new NotPlain()
    const before = slots.get(key)
    // A container's change knows only its parent, so whatever stands at its key is concurrent.
    if (isContainer && before) throw new NotPlain()
    if (action === ACTION.del) slots.delete(key)
    else if (action === ACTION.inc) slots.set(key, incremented(before, scalarOf(change, operation)))
    else if (action === ACTION.set) {
      const isCounter = operation.valueType === VALUE.counter
      if (isCounter !== isContainer) throw new NotPlain()
      slots.set(key, { value: scalarOf(change, operation), isCounter })
    } else {
      if (!isContainer) throw new NotPlain()
      const node = newNode(action)
      slots.set(key, { node })
      this.#objects ??= new Map()
      this.#objects.set(`${operation.counter}@${change.actorHex}`, node)
    }
  }
}

function newNode(action: number): Node {
  if (action === ACTION.makeMap) return { kind: 'map', slots: new Map() }
  return { kind: action === ACTION.makeList ? 'list' : 'text', elements: [] }
}

function incremented(before: Slot | undefined, by: Scalar): Slot {
  if (!before || !('isCounter' in before) || !before.isCounter) throw new NotPlain()
  return { value: Number(before.value) + Number(by), isCounter: true }
}

/** Nothing is concurrent, so an insertion stands right behind the element it names. */
function applyToList(change: ParsedChange, operation: Operation, { elements }: ListNode): void {
  const { action, element, insert, counter } = operation
  const at = element === undefined ? -1 : placeOf(elements, idText(change, element))
  if (action === ACTION.set && insert)
    elements.splice(at + 1, 0, { id: `${counter}@${change.actorHex}`, value: scalarOf(change, operation) })
  else if (action === ACTION.set && at >= 0)
    elements[at] = { id: elements[at]!.id, value: scalarOf(change, operation) }
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
