/** Many writes in one call that saves all of them or none (SPEC TR-42): when it is refused it is halved, until what is refused stands alone. */
import type { Answer } from './client.ts'

/** Each item with the answer of the call that it was in the end part of, and its place there. */
export interface Settled<Item> {
  item: Item
  answer: Answer
  place: number
}

export async function halving<Item>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<Answer>,
): Promise<Settled<Item>[]> {
  if (items.length === 0) return []
  const answer = await run(items)
  const isRefused = answer.kind === 'rejected' || answer.kind === 'conflict'
  if (!isRefused || items.length === 1) return items.map((item, place) => ({ item, answer, place }))
  const middle = Math.ceil(items.length / 2)
  return [...(await halving(items.slice(0, middle), run)), ...(await halving(items.slice(middle), run))]
}
