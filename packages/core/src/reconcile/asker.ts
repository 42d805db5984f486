/**
 * The side that asks a reconciliation: it compares, and finds out what to ask for. Nothing here reads or sends; whoever drives it gives it what is here, and
 * sends what it says.
 *
 *     opening ─COMPARE roots─▶ comparing ─DIFFERENCES─┬─ more nodes: COMPARE ─▶ comparing
 *                                                     ├─ records: ASK ─▶ asking ─ANSWER─▶ (more of either)
 *                                                     └─ nothing left: ASK with its end ─▶ ending ─ANSWER, settled─▶ over
 *
 * Where all roots are equal the other side settles at once, and no ASK is needed (Q7).
 */
import type { Sums } from '../digest/digest-reader.ts'
import {
  childrenOf,
  emptySum,
  equalSums,
  type Item,
  LEAF_DIGITS,
  type Sum,
  type Tree,
} from '../digest/tree.ts'
import { ProtocolError } from '../session/port.ts'
import { allEqual } from './all-equal.ts'
import { compareItems } from './compare-items.ts'
import * as limit from './limits.ts'
import type { Answer, AnsweredRecord, Compare, Difference, Differences, NodeName } from './messages.ts'
import type { ToldState } from './port.ts'

/** What is here of a node that the other side opened. */
export type Own = { sums: Sums } | { items: readonly Item[] }

export type DifferingRecord = { tree: number; hash: string } | { tree: number; key: string }

export type Next =
  | { do: 'compare'; nodes: readonly NodeName[] }
  | { do: 'ask'; records: readonly DifferingRecord[]; isLast: boolean }
  | { do: 'wait' }

export interface ComparedTree {
  tree: Tree
  /** `beginning`: comparing it is not worth it; the channel is told from the beginning. `left-out`: the other side does not tell it. */
  verdict: 'compared' | 'beginning' | 'left-out'
}

export interface Outcome {
  trees: readonly ComparedTree[]
  /** Records that are here and differ, with what the other side has of them; undefined where it has none in that channel. */
  differing: ReadonlyMap<string, ToldState | undefined>
  /** By tree, records that the other side does not have in it. */
  onlyHere: readonly ReadonlySet<string>[]
  /** By tree, hashes of records that only the other side has. */
  lacked: readonly ReadonlySet<string>[]
  /** Differences that no entry under way explains. */
  diverged: number
}

interface Comparing {
  tree: Tree
  verdict: ComparedTree['verdict']
  root: Sum
  lacked: Set<string>
  onlyHere: Set<string>
}

export class Asker {
  readonly number: number
  readonly #trees: readonly Comparing[]
  readonly #nodes: NodeName[]
  #records: DifferingRecord[] = []
  readonly #differing = new Map<string, ToldState | undefined>()
  /** Asked, and not answered yet. */
  #nodesOut: NodeName[] = []
  #recordsOut: readonly DifferingRecord[] = []
  #state: 'comparing' | 'asking' | 'ending' | 'over' = 'comparing'
  #nodesAsked = 0
  /** Nodes asked at once: as many as were answered last, where that was not all. */
  #nodesMax = limit.NODES_PER_COMPARE_MAX
  #found = 0
  #diverged = 0

  /** `trees` with the sums of their roots here. */
  constructor(number: number, trees: readonly { tree: Tree; root: Sum }[]) {
    this.number = number
    this.#trees = trees.map(({ tree, root }) => ({
      tree,
      root,
      verdict: 'compared',
      lacked: new Set(),
      onlyHere: new Set(),
    }))
    this.#nodes = []
    this.#nodesOut = trees.map((_, tree) => ({ tree, node: '' }))
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** `granted`: how many answers to wants were heard here. */
  opening(granted: number, seed: Uint8Array | undefined): Compare {
    return {
      number: this.number,
      opening: { granted, trees: this.#trees.map(({ tree }) => tree), seed },
      nodes: this.#trees.map(({ root }, tree) => ({ tree, node: '', sum: root })),
    }
  }

  /** The nodes whose content here is needed, in the order of `took`. @throws ProtocolError */
  heard({ answers }: Differences): { name: NodeName; difference: Difference & { kind: 'sums' | 'items' } }[] {
    if (this.#state !== 'comparing' || this.#nodesOut.length === 0)
      throw unexpected('DIFFERENCES, and nothing was to be compared')
    if (answers.length === 0 || answers.length > this.#nodesOut.length)
      throw malformed(`${answers.length} answers to ${this.#nodesOut.length} nodes`)
    const opened: { name: NodeName; difference: Difference & { kind: 'sums' | 'items' } }[] = []
    for (const [i, difference] of answers.entries()) {
      const name = this.#nodesOut[i]!
      checkDifference(name, difference)
      const tree = this.#trees[name.tree]!
      if (difference.kind === 'left-out') tree.verdict = 'left-out'
      else if (difference.kind === 'too-many') tree.verdict = 'beginning'
      else if (difference.kind !== 'equal') opened.push({ name, difference })
    }
    // Q7: nothing will be asked, and the other side settles.
    if (this.#nodesAsked === 0 && answers.length === this.#trees.length && allEqual({ answers }))
      this.#state = 'ending'
    // What was not answered is asked again, before anything new (Q5).
    if (answers.length < this.#nodesOut.length) this.#nodesMax = answers.length
    this.#nodes.unshift(...this.#nodesOut.slice(answers.length))
    this.#nodesOut = []
    return opened.filter(({ name }) => this.#isCompared(name.tree))
  }

  /** The other side's difference of a node beside what is here. */
  took(name: NodeName, difference: Difference, own: Own): void {
    const tree = this.#trees[name.tree]!
    if (name.node === '') this.#weigh(tree, countOf(difference))
    if ('items' in own && own.items.length > limit.ITEMS_PER_NODE_MAX) tree.verdict = 'beginning'
    if (tree.verdict !== 'compared') return
    if (difference.kind === 'sums' && 'sums' in own) this.#compareSums(name, difference.sums, own.sums)
    if (difference.kind === 'items' && 'items' in own) {
      const { lacked, had } = compareItems(difference.items, own.items)
      for (const hash of lacked) {
        tree.lacked.add(hash)
        this.#records.push({ tree: name.tree, hash })
      }
      for (const key of had) {
        this.#differing.set(key, undefined)
        this.#records.push({ tree: name.tree, key })
      }
      this.#found += lacked.length + had.length
      if (this.#found > limit.DIFFERING_MAX) this.#giveUp()
    }
  }

  /** What to do now; each thing is said once. */
  next(): Next {
    if (this.#state !== 'comparing' || this.#nodesOut.length > 0) return { do: 'wait' }
    this.#drop()
    if (this.#nodesAsked + this.#nodes.length > limit.NODES_MAX) this.#giveUp()
    if (this.#nodes.length > 0 && this.#records.length < limit.RECORDS_PER_ASK_MAX) {
      this.#nodesOut = this.#nodes.splice(0, this.#nodesMax)
      this.#nodesAsked += this.#nodesOut.length
      return { do: 'compare', nodes: this.#nodesOut }
    }
    return {
      do: 'ask',
      records: this.#records.slice(0, limit.RECORDS_PER_ASK_MAX),
      isLast: this.#isLast(limit.RECORDS_PER_ASK_MAX),
    }
  }

  /** So many of the records that `next` named are in an ASK that is sent. True: it ends the reconciliation. */
  asked(count: number): boolean {
    const isLast = this.#isLast(count)
    this.#recordsOut = this.#records.splice(0, count)
    this.#state = isLast ? 'ending' : 'asking'
    return isLast
  }

  get beginning(): number[] {
    return this.#trees.flatMap(({ verdict }, i) => (verdict === 'beginning' ? [i] : []))
  }

  /** The records that were asked, each with its answer. @throws ProtocolError */
  answered({ records, settled }: Answer): { asked: DifferingRecord; answer: AnsweredRecord }[] {
    if (this.#state !== 'asking' && this.#state !== 'ending')
      throw unexpected('ANSWER, and nothing was asked')
    if (records.length !== this.#recordsOut.length)
      throw malformed(`${records.length} answers to ${this.#recordsOut.length} records`)
    if ((settled !== undefined) !== (this.#state === 'ending'))
      throw malformed('settled before the end, or not at it')
    const answered = this.#recordsOut.map((asked, i) => ({ asked, answer: records[i]! }))
    for (const { asked, answer } of answered) if ('key' in asked) this.#learn(asked, answer.state)
    this.#recordsOut = []
    this.#state = this.#state === 'ending' ? 'over' : 'comparing'
    return answered
  }

  diverged(records: number): void {
    this.#diverged += records
  }

  get outcome(): Outcome {
    return {
      trees: this.#trees.map(({ tree, verdict }) => ({ tree, verdict })),
      differing: this.#differing,
      onlyHere: this.#trees.map(({ onlyHere }) => onlyHere),
      lacked: this.#trees.map(({ lacked }) => lacked),
      diverged: this.#diverged,
    }
  }

  /** A record in several channels is answered for each of them. */
  #learn({ tree, key }: { tree: number; key: string }, state: ToldState | undefined): void {
    if (state === undefined) this.#trees[tree]!.onlyHere.add(key)
    if (state !== undefined || !this.#differing.get(key)) this.#differing.set(key, state)
  }

  #compareSums({ tree, node }: NodeName, theirs: Sums, own: Sums): void {
    for (const child of childrenOf(node)) {
      const here = own.get(child) ?? emptySum
      const there = theirs.get(child.slice(node.length)) ?? emptySum
      if (equalSums(here, there)) continue
      const few = Math.max(here.count, there.count) <= limit.ITEMS_AT_ONCE_MAX
      const names = few || child.length === LEAF_DIGITS ? [child] : childrenOf(child)
      for (const name of names) this.#nodes.push({ tree, node: name })
    }
  }

  /** Q8: all that one side has more of differs for certain. */
  #weigh(tree: Comparing, there: number): void {
    if (!isLopsided(tree.root.count, there)) return
    tree.verdict = 'beginning'
    this.#diverged += Math.abs(tree.root.count - there)
  }

  #isLast(count: number): boolean {
    return this.#nodes.length === 0 && this.#records.length <= count
  }

  #isCompared(tree: number): boolean {
    return this.#trees[tree]!.verdict === 'compared'
  }

  /** Nothing more is asked of trees that are not to be compared. */
  #drop(): void {
    if (this.#trees.every(({ verdict }) => verdict === 'compared')) return
    const kept = this.#nodes.filter(({ tree }) => this.#isCompared(tree))
    this.#nodes.splice(0, this.#nodes.length, ...kept)
    this.#records = this.#records.filter(({ tree }) => this.#isCompared(tree))
  }

  /** Too much differs to be worth comparing on. */
  #giveUp(): void {
    for (const tree of this.#trees) if (tree.verdict === 'compared') tree.verdict = 'beginning'
    this.#drop()
  }
}

function countOf(difference: Difference): number {
  if (difference.kind === 'items') return difference.items.length
  if (difference.kind !== 'sums') return 0
  let count = 0
  for (const sum of difference.sums.values()) count += sum.count
  return count
}

/** Q8 */
function isLopsided(here: number, there: number): boolean {
  const [fewer, more] = [Math.min(here, there), Math.max(here, there)]
  if (fewer === 0) return more > 0
  return more > limit.SIZE_RATIO_ITEMS_MIN && more > limit.SIZE_RATIO_MAX * fewer
}

function checkDifference({ node }: NodeName, difference: Difference): void {
  if (difference.kind === 'left-out' && node !== '')
    throw malformed(`node ${node} is left out, only trees can be`)
  if (difference.kind === 'sums') {
    if (node.length === LEAF_DIGITS) throw malformed(`sums below the node ${node}, which has none`)
    const digits = node === '' ? 2 : 1
    for (const name of difference.sums.keys())
      if (name.length !== digits) throw malformed(`sums ${name.length} digits below a node of ${node.length}`)
  }
  if (difference.kind === 'items')
    for (const { hash } of difference.items)
      if (!hash.startsWith(node)) throw malformed(`item ${hash} in the node ${node}`)
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('malformed', `comparing: ${what}`)
}

function unexpected(what: string): ProtocolError {
  return new ProtocolError('unexpected-message', `comparing: told ${what}`)
}
