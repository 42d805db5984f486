/** A live replica over a device in memory, and a page to render into. The page has gone when the test is over. */
import { type LiveReplica, liveOver } from '@skerry/live'
import { contractSpace } from '@skerry/live/testing'
import { act, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { onTestFinished } from 'vitest'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

export async function opened({ line = false } = {}): Promise<LiveReplica> {
  const space = await contractSpace()
  const { edge, host } = space
  const live = liveOver(edge, { host, ...(line && { connect: () => space.connect() }) })
  onTestFinished(async () => {
    await live.close()
    await space.close()
  })
  return live
}

export interface Page {
  element: HTMLElement
  text: () => string
  render(node: ReactNode): Promise<void>
  /** Resolves when the page shows it; the test's own time limit bounds it. */
  until(isThere: (text: string) => boolean): Promise<void>
  unmount(): Promise<void>
}

export function page(): Page {
  const element = document.createElement('div')
  const root = createRoot(element)
  const unmount = () => act(async () => root.unmount())
  onTestFinished(unmount)
  const text = () => element.textContent ?? ''
  return {
    element,
    text,
    render: (node) => act(async () => root.render(node)),
    async until(isThere) {
      while (!isThere(text())) await act(() => new Promise((resolve) => setTimeout(resolve, 1)))
    },
    unmount,
  }
}
