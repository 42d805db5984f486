/** Something that a button does: while it runs, and why it failed, in words. */
import { useCallback, useState } from 'react'

export interface Action {
  run(work: () => Promise<unknown>): void
  isRunning: boolean
  /** Of the last one. */
  failed: string | undefined
}

export function useAction(): Action {
  const [running, setRunning] = useState(0)
  const [failed, setFailed] = useState<string>()
  const run = useCallback((work: () => Promise<unknown>) => {
    setRunning((count) => count + 1)
    work()
      .then(
        () => setFailed(undefined),
        (error: unknown) => setFailed(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => setRunning((count) => count - 1))
  }, [])
  return { run, isRunning: running > 0, failed }
}
