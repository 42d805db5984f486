/** What is asked of the replica and answered once; asked again when `key` changes. The answer before stays until the new one is there. */
import { useEffect, useState } from 'react'

export interface Asked<Value> {
  value: Value | undefined
  failed: string | undefined
}

/** @param key says what is asked; undefined asks nothing */
export function useAsked<Value>(key: string | undefined, ask: () => Promise<Value>): Asked<Value> {
  const [answer, setAnswer] = useState<Asked<Value>>({ value: undefined, failed: undefined })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for everything that the question is made of
  useEffect(() => {
    if (key === undefined) return
    let isOver = false
    ask().then(
      (value) => {
        if (!isOver) setAnswer({ value, failed: undefined })
      },
      (error: unknown) => {
        if (!isOver) setAnswer({ value: undefined, failed: String((error as Error).message ?? error) })
      },
    )
    return () => {
      isOver = true
    }
  }, [key])
  return answer
}
