/** A line of a form that must not stay empty: when it does, the app says so in its own words, beside it and to who cannot see it. */
import { useId } from 'react'

interface NeededTextProps {
  label: string
  lettersMax: number
  value: string
  onChange: (value: string) => void
  /** Why it cannot stay as it is. */
  refused: string | undefined
  /** What the browser offers to fill in. */
  offered?: readonly string[]
}

export function NeededText({ label, lettersMax, value, onChange, refused, offered }: NeededTextProps) {
  const [field, reason, offers] = [useId(), useId(), useId()]
  return (
    <>
      <label htmlFor={field}>{label}</label>
      <input
        id={field}
        list={offered && offers}
        required
        maxLength={lettersMax}
        aria-invalid={refused !== undefined}
        aria-describedby={refused === undefined ? undefined : reason}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {refused !== undefined && (
        <p id={reason} className="banner bad" role="alert">
          {refused}
        </p>
      )}
      {offered && (
        <datalist id={offers}>
          {offered.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </datalist>
      )}
    </>
  )
}
