/** Whose change it is that a place did not take as it was, where that is not who looks at it: the device may have changed hands, or another one wrote later. Pure. */
import { type AsideEdit, actorKind, type FieldState, type HistoryItem } from '@skerry/core'
import { isPerson } from '../pieces/values.ts'

export interface Written {
  /** Oldest first. */
  history: readonly Pick<HistoryItem, 'actor' | 'author' | 'fields'>[]
  /** Of the order alone, oldest first. */
  aside: readonly Pick<AsideEdit, 'author' | 'edits'>[]
}

const toldStates: readonly FieldState[] = ['mended', 'refused', 'overruled', 'review']

export function isTold(state: FieldState): boolean {
  return toldStates.includes(state)
}

/** The subject that wrote the field last; undefined where it is `me`, or not known. What the hub refused is in no history: it is set aside. */
export function otherWriter(
  { field, state, place }: { field: string; state: FieldState; place: string },
  { history, aside }: Written,
  me: string | undefined,
): string | undefined {
  if (!isTold(state)) return undefined
  const author =
    place === 'hub' && state === 'refused'
      ? aside.findLast(({ edits }) => edits.some(({ path }) => path[0] === field))?.author
      : history.findLast(
          ({ actor, author, fields }) =>
            actorKind(actor) === 'run' && isPerson(author) && fields.some(([root]) => root === field),
        )?.author
  return author === me ? undefined : author
}
