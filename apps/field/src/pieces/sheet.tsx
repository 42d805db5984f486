/** A sheet over the page. The browser's own dialog keeps the focus inside, closes on Escape and gives the focus back. */
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { useWords } from '../words/use-words.ts'

export interface SheetProps {
  title: string
  closed(): void
  children: ReactNode
}

export function Sheet({ title, closed, children }: SheetProps) {
  const words = useWords()
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const shown = dialog.current
    if (shown && !shown.open) shown.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} className="sheet" aria-labelledby={heading} onClose={closed}>
      <div className="sheet-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          {words.app.close}
        </button>
      </div>
      {children}
    </dialog>
  )
}
