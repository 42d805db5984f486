/** Time worked, by quarters of an hour: a counter, so that what two people add at once adds up. */
import { minutesOf, withMinutes } from '@skerry/field-service/work-time'
import { Failed } from '../pieces/failed.tsx'
import { useFormat, useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { useEdit } from './use-edit.ts'

const QUARTER_MINUTES = 15

export function HoursField({ order }: { order: Order }) {
  const words = useWords()
  const format = useFormat()
  const { edit, failed } = useEdit(order)
  const add = (minutes: number) => edit((draft) => Object.assign(draft, withMinutes(draft, minutes)))
  const minutes = minutesOf(order)
  return (
    <>
      <div className="stepper">
        <button
          type="button"
          aria-label={words.order.less}
          disabled={minutes < QUARTER_MINUTES}
          onClick={() => add(-QUARTER_MINUTES)}
        >
          −
        </button>
        <output aria-label={words.order.worked}>{format.duration(minutes)}</output>
        <button type="button" aria-label={words.order.more} onClick={() => add(QUARTER_MINUTES)}>
          +
        </button>
      </div>
      {minutes < 0 && (
        <p className="banner warn" role="status">
          {words.order.workedBelowZero(minutes)}
        </p>
      )}
      <Failed reason={failed} />
    </>
  )
}
