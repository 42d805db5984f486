/** A list that may be long: only the rows near the window are in the page, and the others are the space they would take. All rows are of one height. */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'

/** Rows below which the whole list stands in the page: search of the browser and screen readers have it all then. */
const WHOLE_ROWS_MAX = 60
/** Rows kept beyond either edge of the window, so that scrolling does not show white. */
const SPARE_ROWS = 8

export interface LongListProps<Row> {
  rows: readonly Row[]
  keyOf(row: Row): string
  label: string
  children(row: Row): ReactNode
}

interface Window {
  from: number
  to: number
  rowPx: number
}

export function LongList<Row>({ rows, keyOf, label, children }: LongListProps<Row>) {
  const list = useRef<HTMLUListElement>(null)
  const isWhole = rows.length <= WHOLE_ROWS_MAX
  const [shown, setShown] = useState<Window>({ from: 0, to: WHOLE_ROWS_MAX, rowPx: 0 })
  useLayoutEffect(() => {
    if (isWhole) return
    const look = () => {
      const element = list.current
      const row = element?.querySelector('li')
      if (!element || !row) return
      const rowPx = row.getBoundingClientRect().height
      const above = -element.getBoundingClientRect().top
      const from = Math.max(0, Math.floor(above / rowPx) - SPARE_ROWS)
      const to = Math.min(rows.length, Math.ceil((above + innerHeight) / rowPx) + SPARE_ROWS)
      setShown((before) =>
        before.from === from && before.to === to && before.rowPx === rowPx ? before : { from, to, rowPx },
      )
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [isWhole, rows.length])
  const from = isWhole ? 0 : Math.min(shown.from, Math.max(0, rows.length - 1))
  const to = isWhole ? rows.length : Math.max(from + 1, Math.min(shown.to, rows.length))
  const space = { paddingBlock: `${from * shown.rowPx}px ${(rows.length - to) * shown.rowPx}px` }
  return (
    <ul ref={list} className="long" aria-label={label} style={isWhole ? undefined : space}>
      {rows.slice(from, to).map((row, index) => (
        <li key={keyOf(row)} aria-setsize={rows.length} aria-posinset={from + index + 1}>
          {children(row)}
        </li>
      ))}
    </ul>
  )
}
