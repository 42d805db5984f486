/**
 * The side that is asked: it answers each COMPARE from its own sums and each ASK from its own records, one at a time, and remembers little more than the names of the trees.
 * Nothing here reads or sends.
 *
 *     idle ─COMPARE roots─▶ answering ─DIFFERENCES─▶ open ─COMPARE─▶ answering      open ─ASK─▶ answering ─ANSWER─▶ open, or idle after its end
 */
import type { Sums } from '../digest/digest-reader.ts'
import { equalSums, type Item, LEAF_DIGITS, type Sum, type Tree } from '../digest/tree.ts'
import { ProtocolError } from '../session/port.ts'
import * as limit from './limits.ts'
import type { Ask, Compare, Difference, NodeName } from './messages.ts'

export class Teller {
  #number = 0
  #trees: readonly Tree[] = []
  #state: 'idle' | 'open' | 'answering' = 'idle'
  /** Trees that are told. */
  #told: readonly boolean[] = []
  #nodesAsked = 0

  get trees(): readonly Tree[] {
    return this.#trees
  }

  isTold(tree: number): boolean {
    return this.#told[tree] === true
  }

  /** What was asked changes: whatever is still said of the present reconciliation is passed over (Q10). */
  cancel(): void {
    this.#state = 'idle'
  }

  /**
   * `given`: answers to wants that were given here. Who had not heard all of them begins anew when it does (Q10). False: of a reconciliation that is over. @throws ProtocolError
   */
  hears({ number, opening, nodes }: Compare, isTold: (tree: Tree) => boolean, given: number): boolean {
    if (opening !== undefined) {
      if (number <= this.#number) throw malformed(`reconciliation ${number} is opened after ${this.#number}`)
      if (this.#state === 'answering') throw tooMany()
      this.#number = number
      if (opening.granted !== given) return false
      this.#trees = opening.trees
      this.#told = opening.trees.map(isTold)
      this.#nodesAsked = 0
    } else if (!this.#isOpen(number)) return false
    this.#checkNodes(nodes)
    this.#state = 'answering'
    return true
  }

  /** False: of a reconciliation that is over. @throws ProtocolError */
  isAsked({ number, records, end }: Ask): boolean {
    if (!this.#isOpen(number)) return false
    for (const { tree } of records) this.#checkTree(tree)
    for (const tree of end?.beginning ?? []) this.#checkTree(tree)
    this.#state = 'answering'
    return true
  }

  /** An answer is sent. */
  answered(isOver: boolean): void {
    this.#state = isOver ? 'idle' : 'open'
  }

  /** @throws ProtocolError when it was never opened, or the answer before is still to come */
  #isOpen(number: number): boolean {
    if (number > this.#number) throw malformed(`reconciliation ${number} was never opened`)
    if (number < this.#number || this.#state === 'idle') return false
    if (this.#state === 'answering') throw tooMany()
    return true
  }

  #checkNodes(nodes: readonly NodeName[]): void {
    this.#nodesAsked += nodes.length
    if (this.#nodesAsked > limit.NODES_MAX + limit.TREES_MAX)
      throw new ProtocolError('too-many', `${this.#nodesAsked} nodes were asked, limit ${limit.NODES_MAX}`)
    for (const { tree, node } of nodes) if (node !== '') this.#checkTree(tree)
  }

  /** @throws ProtocolError for a tree that was not named, or is not told to this peer */
  #checkTree(tree: number): void {
    if (this.#told[tree] !== true)
      throw malformed(`tree ${tree} of ${this.#trees.length}, which was not opened or is not told`)
  }
}

/** How a node that differs is shown: by listing its items where they are few, or by the sums of the nodes below. */
export function showsItems(node: string, here: Sum): boolean {
  return node.length === LEAF_DIGITS || here.count <= limit.ITEMS_LISTED_MAX
}

export function itemsDifference(items: readonly Item[]): Difference {
  return items.length > limit.ITEMS_PER_NODE_MAX
    ? { kind: 'too-many' }
    : { kind: 'items', items: items.map(({ hash, digest }) => ({ hash, digest })) }
}

export function sumsDifference(node: string, sums: Sums): Difference {
  return { kind: 'sums', sums: new Map([...sums].map(([name, sum]) => [name.slice(node.length), sum])) }
}

export function isEqual(asked: Sum, here: Sum): boolean {
  return equalSums(asked, here)
}

/** About how many bytes an answer has: what answers are filled by. */
export function differenceBytes(difference: Difference): number {
  if (difference.kind === 'items') return 3 + difference.items.length * 24
  return difference.kind === 'sums' ? 36 + difference.sums.size * 19 : 1
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('malformed', `reconciling: ${what}`)
}

function tooMany(): ProtocolError {
  return new ProtocolError('too-many', 'reconciling: asked again before the answer to what was asked first')
}
