/** Who else is on this order now, and at which field. */
import type { Json, Other } from '@skerry/core'
import { Icon } from '../pieces/icon.tsx'
import { fieldName, personName } from '../pieces/values.ts'
import { useSync } from '../replica/use-states.ts'
import { useWords } from '../words/use-words.ts'

export interface Shown {
  order: string
  field: string | null
}

/** What others show of the same order. Anything may stand there: what is no such value is somebody else's. */
function othersAt(
  id: string,
  others: readonly Other[],
): { subject: string; node: string; field: string | null }[] {
  return others.flatMap(({ subject, node, value }) => {
    const { order, field } = (isObject(value) ? value : {}) as Partial<Record<keyof Shown, Json>>
    if (order !== id) return []
    return [{ subject, node, field: typeof field === 'string' ? field : null }]
  })
}

function isObject(value: Json): boolean {
  return typeof value === 'object' && value !== null
}

export function HereNow({ id, others }: { id: string; others: readonly Other[] }) {
  const words = useWords()
  const phase = useSync()?.phase
  // What was heard before the line went may be a minute old, and nobody new is heard of.
  const isAway = phase === 'off' || phase === 'waiting' || phase === 'blocked'
  const here = isAway ? [] : othersAt(id, others)
  const names = [...new Set(here.map(({ subject }) => personName(subject, words)))]
  const writing = here.flatMap(({ subject, field }) =>
    field === null ? [] : [words.order.writing(personName(subject, words), fieldName(words, field))],
  )
  const nobody = isAway ? words.order.nobodyKnows : words.order.alone
  return (
    <p className={here.length > 0 ? 'here' : 'here soft'} role="status">
      <Icon name="people" />
      <span>
        {names.length === 0 ? nobody : words.order.here(names)}
        {[...new Set(writing)].map((line) => (
          <span key={line}>. {line}</span>
        ))}
      </span>
    </p>
  )
}
