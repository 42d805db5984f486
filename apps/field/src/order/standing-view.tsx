/** How far this order's edits have come: three stages, and each field's state at each place. */
import { Icon } from '../pieces/icon.tsx'
import { fieldName, placeName } from '../pieces/values.ts'
import type { StandingByPlace } from '../replica/use-states.ts'
import { stageOfOrder } from '../sync/stage.ts'
import { stageIcons } from '../sync/stage-icons.ts'
import { useWords } from '../words/use-words.ts'
import { PLACES } from './order.ts'

export function StandingView({ standing }: { standing: StandingByPlace | undefined }) {
  const words = useWords()
  const stage = stageOfOrder(standing)
  const fields = [
    ...new Set(PLACES.flatMap((place) => standing?.[place]?.map(({ field }) => field) ?? [])),
  ].sort()
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
          {fields.map((field) => (
            <tr key={field}>
              <th scope="row">{fieldName(words, field)}</th>
              {PLACES.map((place) => {
                const state = standing?.[place]?.find((one) => one.field === field)?.state
                return <td key={place}>{state === undefined ? '–' : words.sync.standing[state]}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
