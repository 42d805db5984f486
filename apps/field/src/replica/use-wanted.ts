/** A control shows what was chosen at once, and not only when it is durable some milliseconds later; when it was refused, it goes back. */
import { useEffect, useState } from 'react'

/** Milliseconds after an edit within which it is told back: states of the line are told ten times a second at most. */
const TOLD_MS_MAX = 1_000

export interface Wanted<Value> {
  shown: Value
  want(value: Value): void
}

/** @param isRunning true while what was chosen is being written */
export function useWanted<Value>(actual: Value, isRunning: boolean): Wanted<Value> {
  const [wanted, setWanted] = useState<{ value: Value }>()
  const isTold = wanted?.value === actual
  useEffect(() => {
    if (isRunning) return
    const timer = setTimeout(() => setWanted(undefined), isTold ? 0 : TOLD_MS_MAX)
    return () => clearTimeout(timer)
  }, [isRunning, isTold])
  return { shown: wanted ? wanted.value : actual, want: (value) => setWanted({ value }) }
}
