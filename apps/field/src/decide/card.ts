/** What a person is asked about an order: values that two wrote at once, edits that a place did not take as they were, and that somebody deleted it. Pure. */
import {
  type BothValues,
  type ConcurrentValues,
  equalJson,
  type FieldState,
  type Json,
  pointerOf,
  type Standing,
} from '@skerry/core'
import { isFromOffice } from '../order/order.ts'
import type { Touched } from '../order/touched.ts'
import type { StandingByPlace } from '../replica/use-states.ts'
import type { Deletion } from './deletion.ts'
import { isSeen, isSeenEqual } from './seen.ts'

export type Card =
  | {
      kind: 'concurrent'
      key: string
      id: string
      path: readonly string[]
      values: ConcurrentValues['values']
    }
  | {
      kind: 'answered'
      key: string
      id: string
      place: string
      field: string
      state: AskedState
      reason: string | undefined
      values: BothValues | undefined
    }
  | { kind: 'deleted'; key: string; id: string; deletion: Deletion }

type AskedState = Extract<FieldState, 'mended' | 'refused' | 'overruled' | 'review'>

const askedStates: readonly string[] = ['mended', 'refused', 'overruled', 'review'] satisfies AskedState[]

/** @param isDismissed whether a person has seen the card of that key */
export function cardsOf(
  { id, fields }: Touched,
  standing: StandingByPlace,
  concurrent: readonly ConcurrentValues[],
  isDismissed: (key: string) => boolean,
): Card[] {
  const answered = Object.entries(standing).flatMap(([place, states]) =>
    states
      .filter(({ field, state }) => fields.includes(field) && askedStates.includes(state))
      // That is set aside, and told with what it was.
      .filter(({ state }) => place !== 'hub' || state !== 'refused')
      .filter((one) => !isTheSame(one))
      .filter((one) => !concurrent.some((values) => isAskedBy(values, one)))
      .map((one) => answeredCard(id, place, one)),
  )
  return [...concurrentCards(id, concurrent), ...answered].filter(({ key }) => !isDismissed(key))
}

/**
 * Of an order that was deleted: somebody else did so, and he had written in it. Beside it only what a rule of the hub changed is told, as that may be why; there is nothing to choose between.
 * @param cards that there would be of it
 */
export function cardsOfDeleted(
  deletion: Deletion,
  cards: readonly Card[],
  isDismissed: (key: string) => boolean,
): Card[] {
  const key = keyOfDeletion(deletion)
  const isAsked = deletion.written && !deletion.isOwn && !isDismissed(key)
  const mended = cards.filter((card) => card.kind === 'answered' && card.state === 'mended')
  return isAsked ? [{ kind: 'deleted', key, id: deletion.id, deletion }, ...mended] : mended
}

/** Another deletion, or more that he wrote, is another question. */
export function keyOfDeletion({ id, by, written }: Deletion): string {
  return JSON.stringify([id, 'deleted', by.hash, written?.hash ?? null])
}

/** To whoever looks at it: there is nothing to choose. */
function isTheSame({ field, state, values }: Standing): boolean {
  return state !== 'refused' && values !== undefined && isSeenEqual(field, values.was, values.became)
}

/** Both values stand there still: who is asked which of them to keep need not be told that one was overruled. */
function isAskedBy({ path, values: stand }: ConcurrentValues, { field, state, values }: Standing): boolean {
  if (state !== 'overruled' || !values || pointerOf(path) !== pointerOf([field])) return false
  return [values.was, values.became].every((value) => stand.some((one) => equalJson(one.value, value)))
}

/** One for each field, or part of a row, in which a person sees more than one value; of those that look the same to him, the first. */
export function concurrentCards(id: string, concurrent: readonly ConcurrentValues[]): Card[] {
  return concurrent
    .filter(({ path }) => isSeen(path))
    .map(({ path, values }) => ({
      kind: 'concurrent' as const,
      key: JSON.stringify([id, path, values.map(({ value, actor }) => [value, actor])]),
      id,
      path,
      values: toldApart(path[0] ?? '', values),
    }))
    .filter(({ values }) => values.length > 1)
}

function toldApart(field: string, values: ConcurrentValues['values']): ConcurrentValues['values'] {
  return values.filter(
    ({ value }, index) => values.findIndex((one) => isSeenEqual(field, one.value, value)) === index,
  )
}

/** Where the office and one person alone wrote at once, what each wrote; undefined where others did too. @param me his subject */
export function officeAgainst(
  values: ConcurrentValues['values'],
  me: string | undefined,
): { theirs: Json; mine: Json } | undefined {
  const theirs = values.find(({ actor }) => isFromOffice(actor))
  const mine = values.find(({ author }) => author !== undefined && author === me)
  return values.length === 2 && theirs && mine ? { theirs: theirs.value, mine: mine.value } : undefined
}

function answeredCard(id: string, place: string, { field, state, reason, values, at }: Standing): Card {
  const key = JSON.stringify([id, field, place, state, at])
  return { kind: 'answered', key, id, place, field, state: state as AskedState, reason, values }
}

/** Sets what is at a path; in a list, a part of the path names the row by its key. */
export function setAt(draft: Json, path: readonly string[], value: Json): void {
  const [first, ...rest] = path
  if (first === undefined || typeof draft !== 'object' || draft === null) return
  const inside = Array.isArray(draft)
    ? draft.find((row) => rowKeys.some((key) => (row as Record<string, Json> | null)?.[key] === first))
    : draft[first]
  if (rest.length === 0 && !Array.isArray(draft)) draft[first] = value
  else if (inside !== undefined) setAt(inside, rest, value)
}

/** Fields that tell rows of an order's lists apart. */
const rowKeys = ['sku', 'id', 'sha256']
