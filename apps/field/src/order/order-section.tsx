/** A part of the order page under its own heading. */
import { type ReactNode, useId } from 'react'

export interface OrderSectionProps {
  title: string
  /** At the heading's end: a count, a state. */
  aside?: ReactNode
  children: ReactNode
}

export function OrderSection({ title, aside, children }: OrderSectionProps) {
  const heading = useId()
  return (
    <section className="part" aria-labelledby={heading}>
      <div className="part-head">
        <h2 id={heading}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
