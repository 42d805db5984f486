/** A thread's share of a range of seeds. */
export interface Share {
  first: number
  count: number
  nth: number
  of: number
}

export function* everyNth({ first, count, nth, of }: Share): Generator<number> {
  for (let seed = first + nth; seed < first + count; seed += of) yield seed
}
