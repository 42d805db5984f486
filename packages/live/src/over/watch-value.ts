/** A watch of something that is read whole: told now, and after whatever may have changed it, if it is another. At most one read is under way; what happens meanwhile is one more. */
import type { Stop } from '../port.ts'

export interface ValueWatch<Value> {
  read(): Promise<Value>
  /** Calls back when the value may be another. */
  onChange(changed: () => void): Stop
  told(value: Value): void
  failed(error: unknown): void
  /** Resolves when it may be read again, so that a burst of changes is few reads. Absent: at once. */
  pause?(): Promise<void>
}

export function watchValue<Value>({ read, onChange, told, failed, pause }: ValueWatch<Value>): Stop {
  let isEnded = false
  let isReading = false
  let isDue = true
  let last: string | undefined
  const end = () => {
    isEnded = true
    stop()
  }
  const follow = async () => {
    while (isDue && !isEnded) {
      isDue = false
      const value = await read()
      const text = JSON.stringify(value)
      if (isEnded) return
      if (text !== last) told(value)
      last = text
      await pause?.()
    }
  }
  const changed = () => {
    isDue = true
    if (isReading || isEnded) return
    isReading = true
    follow()
      .catch((error: unknown) => {
        if (isEnded) return
        end()
        failed(error)
      })
      .finally(() => {
        isReading = false
      })
  }
  const stop = onChange(changed)
  changed()
  return end
}
