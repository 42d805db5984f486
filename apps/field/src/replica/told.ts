/** What a watch has told so far, as state. A watch ends with the component, or when what it depends on changes. */
import type { LiveError, Stop } from '@skerry/live'
import { useEffect, useState } from 'react'

export interface Told<Value> {
  /** Undefined: nothing was told yet. */
  value: Value | undefined
  failed: LiveError | undefined
}

const nothing = { value: undefined, failed: undefined }

export type Watch<Value> = (told: (value: Value) => void, failed: (error: LiveError) => void) => Stop

/** @param key says what is watched: another key, another watch */
export function useTold<Value>(key: string, watch: Watch<Value> | undefined): Told<Value> {
  const [told, setTold] = useState<Told<Value> & { key: string }>({ ...nothing, key })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for everything that the watch is made of
  useEffect(
    () =>
      watch?.(
        (value) => setTold({ value, failed: undefined, key }),
        (failed) => setTold({ value: undefined, failed, key }),
      ),
    [key, watch === undefined],
  )
  return told.key === key ? told : nothing
}
