// Judges the operations of a change one by one: depth, reserved keys, and references that Automerge accepts
// when it applies a change and chokes on when it loads the saved document. Each rule stands for a poisoned
// record that was made and seen (SPEC.md, C-20 and following).
//
// What stays with the engine: whether an operation named as predecessor in an earlier change exists and sits
// under the same key.

import type { ChangeLimits } from './limits.ts'
import { ACTION, type Operation, type OperationId, objectIdText, readOperations } from './operations.ts'
import type { ParsedChange } from './parse.ts'
import { aboveLimit, ChangeRefused } from './refused.ts'
import { isReservedKey } from './reserved-keys.ts'
import { VALUE } from './value-meta.ts'

export type ObjectKind = 'map' | 'list' | 'text'

export interface ObjectFacts {
  /** Levels below the root: 1 for an object in the root. */
  readonly depth: number
  readonly kind: ObjectKind
}

/**
 * What the record knows of an object made in an earlier change, by its Automerge id; `undefined` when
 * nothing.
 */
export type ObjectLookup = (objectId: string) => ObjectFacts | undefined

export interface MadeObject extends ObjectFacts {
  readonly objectId: string
}

/**
 * Checks every operation and returns the objects the change makes, for the caller's `lookup` of the next one.
 * Objects that `lookup` does not know count as depth 0 and of any kind. Throws `ChangeRefused`: 'too-deep',
 * 'reserved-key', 'malformed', 'not-canonical'.
 */
export function checkOperations(
  parsed: ParsedChange,
  limits: ChangeLimits,
  lookup?: ObjectLookup,
): MadeObject[] {
  const operations = readOperations(parsed)
  const order = new ActorOrder(parsed)
  const made = new Map<number, MadeObject>()
  for (const operation of operations) {
    checkReferences(operation)
    checkPredecessors(parsed, operations, operation, order)
    checkElement(parsed, operations, operation)
    checkAction(operation)
    const container = containerOf(parsed, operation, made, lookup)
    checkKey(operation, container.kind)
    const kind = madeKind(operation.action)
    if (kind === undefined) continue
    const depth = container.depth + 1
    if (depth > limits.depthMax)
      throw aboveLimit(
        'too-deep',
        `the depth of the object made by operation ${operation.counter}`,
        depth,
        limits.depthMax,
      )
    const objectId = objectIdText(parsed, { actor: 0, counter: operation.counter })
    made.set(operation.counter, { objectId, depth, kind })
  }
  return [...made.values()]
}

/** Whatever an operation names is older than itself. */
function checkReferences({ counter, object, element, predecessors }: Operation): void {
  if ((object?.counter ?? 0) >= counter || (element?.counter ?? 0) >= counter) {
    throw new ChangeRefused(
      'malformed',
      `operation ${counter} refers to operation ${Math.max(object?.counter ?? 0, element?.counter ?? 0)}`,
    )
  }
  for (const predecessor of predecessors) {
    if (predecessor.counter < 1 || predecessor.counter >= counter) {
      throw new ChangeRefused('malformed', `operation ${counter} replaces operation ${predecessor.counter}`)
    }
  }
}

function checkPredecessors(
  parsed: ParsedChange,
  operations: Operation[],
  operation: Operation,
  order: ActorOrder,
): void {
  let previous: OperationId | undefined
  for (const id of operation.predecessors) {
    if (previous !== undefined && order.compare(previous, id) >= 0) {
      throw new ChangeRefused('not-canonical', `operation ${operation.counter}: its predecessors must ascend`)
    }
    previous = id
    if (id.actor !== 0 || id.counter < parsed.startOp) continue
    const replaced = operations[id.counter - parsed.startOp]
    if (replaced === undefined || !replaces(operation, replaced)) {
      throw new ChangeRefused(
        'malformed',
        `operation ${operation.counter} replaces operation ${id.counter} of another place`,
      )
    }
  }
}

/** An element of this change is what an earlier operation of it inserted into the same list. */
function checkElement(
  parsed: ParsedChange,
  operations: Operation[],
  { counter, object, element }: Operation,
): void {
  if (element === undefined || element.actor !== 0 || element.counter < parsed.startOp) return
  const inserted = operations[element.counter - parsed.startOp]
  if (!inserted?.insert || !sameId(inserted.object, object)) {
    throw new ChangeRefused(
      'malformed',
      `operation ${counter} names operation ${element.counter} as element of its list`,
    )
  }
}

/** Whether both act on one key of one object, the earlier one having put something there. */
function replaces(later: Operation, earlier: Operation): boolean {
  if (earlier.action === ACTION.del || earlier.action === ACTION.inc) return false
  if (!sameId(later.object, earlier.object) || later.key !== earlier.key) return false
  if (later.key !== undefined) return true
  return earlier.insert
    ? sameId(later.element, { actor: 0, counter: earlier.counter })
    : sameId(later.element, earlier.element)
}

function sameId(a: OperationId | undefined, b: OperationId | undefined): boolean {
  return a?.actor === b?.actor && a?.counter === b?.counter
}

function checkAction({ counter, action, valueType, predecessors, insert }: Operation): void {
  if (action !== ACTION.set && action !== ACTION.inc && valueType !== VALUE.null) {
    throw new ChangeRefused(
      'not-canonical',
      `operation ${counter}: action ${action} with a value of type ${valueType}`,
    )
  }
  if (action === ACTION.inc && valueType !== VALUE.signed) {
    throw new ChangeRefused('malformed', `operation ${counter} increments by a value of type ${valueType}`)
  }
  if ((action === ACTION.del || action === ACTION.inc) && predecessors.length === 0) {
    throw new ChangeRefused('malformed', `operation ${counter}: action ${action} on nothing`)
  }
  if (insert && (action === ACTION.del || action === ACTION.inc || predecessors.length > 0)) {
    throw new ChangeRefused('malformed', `operation ${counter} inserts and replaces at once`)
  }
}

function containerOf(
  parsed: ParsedChange,
  operation: Operation,
  made: ReadonlyMap<number, MadeObject>,
  lookup: ObjectLookup | undefined,
): { depth: number; kind: ObjectKind | undefined } {
  const { object } = operation
  if (object === undefined) return { depth: 0, kind: 'map' }
  if (object.actor === 0 && object.counter >= parsed.startOp) {
    const facts = made.get(object.counter)
    if (facts === undefined) {
      throw new ChangeRefused(
        'malformed',
        `operation ${operation.counter} acts in operation ${object.counter}, which makes no object`,
      )
    }
    return facts
  }
  return lookup?.(objectIdText(parsed, object)) ?? { depth: 0, kind: undefined }
}

function checkKey({ counter, key, insert, element }: Operation, kind: ObjectKind | undefined): void {
  if (key !== undefined && isReservedKey(key))
    throw new ChangeRefused('reserved-key', `operation ${counter} uses the key ${key}`)
  if (key !== undefined && insert)
    throw new ChangeRefused('malformed', `operation ${counter} inserts under a map key`)
  if (key === undefined && element === undefined && !insert) {
    throw new ChangeRefused(
      'malformed',
      `operation ${counter} acts on the beginning of a list, which is no element`,
    )
  }
  if (kind !== undefined && (kind === 'map') !== (key !== undefined)) {
    throw new ChangeRefused(
      'malformed',
      `operation ${counter} addresses a ${kind} by ${key === undefined ? 'element' : 'key'}`,
    )
  }
}

function madeKind(action: number): ObjectKind | undefined {
  if (action === ACTION.makeMap) return 'map'
  if (action === ACTION.makeList) return 'list'
  return action === ACTION.makeText ? 'text' : undefined
}

/**
 * Lamport order: counter, then actor id. Other actors ascend already, so only the place of the change's own
 * among them is looked up.
 */
class ActorOrder {
  readonly #othersBelowOwn: number

  constructor(parsed: ParsedChange) {
    this.#othersBelowOwn = parsed.otherActors.filter((other) => other < parsed.actorHex).length
  }

  compare(a: OperationId, b: OperationId): number {
    return a.counter - b.counter || this.#rank(a.actor) - this.#rank(b.actor)
  }

  #rank(actor: number): number {
    return actor === 0 ? this.#othersBelowOwn + 0.5 : actor
  }
}
