/** A live replica over a new device in memory, ended with its test. */
import { type LiveHere, liveOver } from '@skerry/live'
import { type ContractSpace, contractSpace } from '@skerry/live/testing'
import { onTestFinished } from 'vitest'

export interface Opened {
  space: ContractSpace
  live: LiveHere
  /** Watches that were begun and not stopped. */
  watches: () => number
  begun: () => number
}

export async function opened({ line = false } = {}): Promise<Opened> {
  const space = await contractSpace()
  const { edge, host } = space
  const live = liveOver(edge, { host, ...(line && { connect: () => space.connect() }) })
  onTestFinished(async () => {
    await live.close()
    await space.close()
  })
  let [begun, ended] = [0, 0]
  const watch = live.watch
  live.watch = (...args) => {
    begun += 1
    const stop = watch(...args)
    return () => {
      ended += 1
      stop()
    }
  }
  return { space, live, begun: () => begun, watches: () => begun - ended }
}

/** Resolves when what is observed is as wanted, looked at after each change. */
export function until<Snapshot>(
  { get, subscribe }: { get: () => Snapshot; subscribe: (listener: () => void) => () => void },
  isThere: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
  return new Promise((resolve) => {
    let stop: () => void = () => undefined
    let isDone = false
    const look = () => {
      if (isDone || !isThere(get())) return
      isDone = true
      stop()
      resolve(get())
    }
    stop = subscribe(look)
    look()
    if (isDone) stop()
  })
}
