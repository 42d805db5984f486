/** The edge by which the drawer is made higher or lower: by pointer, or by the arrow keys. */
import { h } from './dom.ts'

const HEIGHT_MIN_PX = 120
const STEP_PX = 40
const START_SHARE = 0.45

export interface Grip {
  element: HTMLElement
  /** After the window has changed too. */
  fit(): void
}

/** @param resized told the height in pixels, at once and after each change */
export function grip(panel: HTMLElement, resized: (heightPx: number) => void): Grip {
  const element = h('div', {
    class: 'grip',
    role: 'separator',
    tabindex: 0,
    'aria-orientation': 'horizontal',
    'aria-label': 'Height of the developer tools',
  })
  let wanted = Math.round(innerHeight * START_SHARE)
  const fit = () => {
    const max = Math.max(HEIGHT_MIN_PX, innerHeight - STEP_PX)
    const height = Math.min(max, Math.max(HEIGHT_MIN_PX, wanted))
    panel.style.setProperty('--sk-height', `${height}px`)
    element.setAttribute('aria-valuenow', String(height))
    element.setAttribute('aria-valuemin', String(HEIGHT_MIN_PX))
    element.setAttribute('aria-valuemax', String(max))
    resized(height)
  }
  const set = (height: number) => {
    wanted = Math.min(innerHeight - STEP_PX, Math.max(HEIGHT_MIN_PX, Math.round(height)))
    fit()
  }
  element.addEventListener('keydown', (event) => {
    const by: Readonly<Record<string, number>> = {
      ArrowUp: STEP_PX,
      ArrowDown: -STEP_PX,
      Home: -innerHeight,
      End: innerHeight,
    }
    const change = by[event.key]
    if (change === undefined) return
    event.preventDefault()
    set(wanted + change)
  })
  element.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    element.setPointerCapture(event.pointerId)
    element.focus()
  })
  element.addEventListener('pointermove', (event) => {
    if (element.hasPointerCapture(event.pointerId)) set(innerHeight - event.clientY)
  })
  return { element, fit }
}
