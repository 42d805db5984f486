/**
 * A delivery cut into turns of the writer (B3): a frame of some hundred kilobytes may hold hours of the engine's work, and everybody else waits for a turn to end. Between two
 * turns whoever else came has its own.
 */
import { OPERATIONS_PER_TURN_MAX } from '../session/limits.ts'

export interface DeliveryTurn<Item> {
  part: readonly Item[]
  operations: number
  isLast: boolean
}

/** At least one turn; one item at least in each, unless there is none. */
export function turnsOf<Item>(items: readonly Item[], costOf: (item: Item) => number): DeliveryTurn<Item>[] {
  const turns: { part: Item[]; operations: number; isLast: boolean }[] = []
  let last = { part: [] as Item[], operations: 0, isLast: true }
  for (const item of items) {
    const cost = costOf(item)
    if (last.part.length > 0 && last.operations + cost > OPERATIONS_PER_TURN_MAX) {
      turns.push({ ...last, isLast: false })
      last = { part: [], operations: 0, isLast: true }
    }
    last.part.push(item)
    last.operations += cost
  }
  return [...turns, last]
}

export function allAtOnce<Item>(items: readonly Item[]): DeliveryTurn<Item>[] {
  return [{ part: items, operations: 0, isLast: true }]
}
