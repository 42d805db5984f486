/** How far this order's edits have come: three stages, and each field's state at each place. */
import { keyOf } from '@skerry/core'
import { Icon } from '../pieces/icon.tsx'
import { fieldName, personName, placeName } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useAsked } from '../replica/use-asked.ts'
import { type StandingByPlace, useAside, useSync } from '../replica/use-states.ts'
import { stageOfOrder } from '../sync/stage.ts'
import { stageIcons } from '../sync/stage-icons.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { ORDERS, PLACES } from './order.ts'
import { isTold, otherWriter, type Written } from './other-writer.ts'

export function StandingView({ id, standing }: { id: string; standing: StandingByPlace | undefined }) {
  const words = useWords()
  const format = useFormat()
  const me = useSync()?.credential?.subject
  const written = useWritten(id, standing)
  const stage = stageOfOrder(standing)
  const fields = new Set(PLACES.flatMap((place) => standing?.[place]?.map(({ field }) => field) ?? []))
  const named = [...fields]
    .map((field) => ({ field, name: fieldName(words, field) }))
    .sort((a, b) => a.name.localeCompare(b.name, format.locale))
  return (
    <details className="standing">
      <summary>
        <span className={`chip ${stage}`}>
          <Icon name={stageIcons[stage]} />
          {words.sync[stage]}
        </span>
        <span>{words.sync.details}</span>
      </summary>
      <table>
        <thead>
          <tr>
            <td />
            {PLACES.map((place) => (
              <th scope="col" key={place}>
                {placeName(words, place)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {named.map(({ field, name }) => (
            <tr key={field}>
              <th scope="row">{name}</th>
              {PLACES.map((place) => {
                const state = standing?.[place]?.find((one) => one.field === field)?.state
                if (state === undefined) return <td key={place}>–</td>
                const said = words.sync.standing[state]
                const who = otherWriter({ field, state, place }, written, me)
                return (
                  <td key={place}>
                    {who === undefined ? said : words.sync.standingOf(said, personName(who, words))}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

/** Asked only where a place did not take something as it was. */
function useWritten(id: string, standing: StandingByPlace | undefined): Written {
  const replica = useReplica()
  const aside = useAside()?.filter(({ record }) => record === keyOf(ORDERS, id)) ?? []
  const isAnyTold = Object.values(standing ?? {}).some((states) => states.some(({ state }) => isTold(state)))
  const key = isAnyTold ? JSON.stringify([id, standing]) : undefined
  const history = useAsked(key, () => replica.history(ORDERS, id)).value ?? []
  return { history, aside }
}
