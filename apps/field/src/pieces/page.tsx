/** A page: its heading, which is read out when somebody comes to it, and what is below. */
import { type ReactNode, useEffect, useRef } from 'react'
import { useWords } from '../words/use-words.ts'

export interface PageProps {
  title: string
  /** Stands above the heading: where one came from. */
  above?: ReactNode
  children: ReactNode
}

/** False until somebody has gone somewhere: the first page is read from its beginning. */
let hasMoved = false
window.addEventListener('hashchange', () => {
  hasMoved = true
})

export function Page({ title, above, children }: PageProps) {
  const words = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!hasMoved) return
    heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [])
  useEffect(() => {
    document.title = `${title} · ${words.app.name}`
  }, [title, words])
  return (
    <>
      {above}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  )
}
