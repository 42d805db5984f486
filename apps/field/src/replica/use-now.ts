/** The clock, for words such as `3 minutes ago`. */
import { useEffect, useState } from 'react'

/** Milliseconds between two looks: words count in seconds only for the first minute. */
const LOOK_MS = 5_000

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
