/** A batch as data, whatever the form it came in. */
import type { Asked, Reply } from './endpoint.ts'

/** One request of a batch. Its address may begin with `$id` of an earlier one. */
export type Operation = Pick<Asked, 'method' | 'headers' | 'text'> & {
  id: string | undefined
  url: string
  /** Ids, or names of change sets, without which it is not tried (JSON only). */
  dependsOn: readonly string[]
}

/** A request by itself, or a change set. */
export type Item = { name: string | undefined; operations: readonly Operation[]; isSet: boolean }

/** `failed`: which operation of a set failed, so that none was carried out. */
export type Outcome = { item: Item; replies: readonly Reply[]; failed?: number }
