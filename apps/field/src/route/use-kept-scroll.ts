/** Where a page was scrolled to when it was left, for whoever comes back to it. Of one page, the last one: there is one list. */
import { useEffect, useLayoutEffect, useState } from 'react'

let left: { address: string; top: number } | undefined

/** @param isWhole the page is as long as it was: before, there is nothing to scroll to */
export function useKeptScroll(address: string, isWhole: boolean): void {
  const [top] = useState(() => (left?.address === address ? left.top : 0))
  useLayoutEffect(
    () => () => {
      left = { address, top: scrollY }
    },
    [address],
  )
  useEffect(() => {
    if (!isWhole || top === 0) return
    // In the next frame: a long list knows its height when its first rows are drawn.
    const frame = requestAnimationFrame(() => scrollTo(0, top))
    return () => cancelAnimationFrame(frame)
  }, [isWhole, top])
}
