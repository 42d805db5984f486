/** A field to draw in. What is drawn is kept as lines, so that it is small and sharp at any size. */
import { useRef, useState } from 'react'
import { useWords } from '../words/use-words.ts'

export const PAD_WIDTH = 320
export const PAD_HEIGHT = 120
/** Units a pen moves before the next point is kept: finer than anybody sees. */
const STEP_MIN = 1.5
/** Characters of path data: below what the schema allows, with room for the stroke under way. */
const PATH_LENGTH_MAX = 7_600

export interface SignaturePadProps {
  path: string
  drawn(path: string): void
}

export function SignaturePad({ path, drawn }: SignaturePadProps) {
  const words = useWords()
  const last = useRef<{ x: number; y: number } | undefined>(undefined)
  const [stroke, setStroke] = useState('')
  const point = (event: React.PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * PAD_WIDTH
    const y = ((event.clientY - box.top) / box.height) * PAD_HEIGHT
    return { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 }
  }
  const end = () => {
    if (!last.current) return
    last.current = undefined
    drawn(`${path}${stroke}`)
    setStroke('')
  }
  return (
    <svg
      className="pad"
      viewBox={`0 0 ${PAD_WIDTH} ${PAD_HEIGHT}`}
      role="img"
      aria-label={path === '' ? words.signature.draw : words.signature.drawn}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        last.current = point(event)
        setStroke(`M${last.current.x} ${last.current.y}l.1 0`)
      }}
      onPointerMove={(event) => {
        if (!last.current) return
        const { x, y } = point(event)
        const isFar = Math.hypot(x - last.current.x, y - last.current.y) >= STEP_MIN
        if (!isFar || path.length + stroke.length > PATH_LENGTH_MAX) return
        last.current = { x, y }
        setStroke((before) => `${before}L${x} ${y}`)
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <line x1="16" x2={PAD_WIDTH - 16} y1={PAD_HEIGHT - 24} y2={PAD_HEIGHT - 24} className="pad-line" />
      <path d={`${path}${stroke}`} />
    </svg>
  )
}
