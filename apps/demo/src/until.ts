/** Waiting for something to hold in a replica, looked at after every commit. */
import type { ReplicaBase } from '@skerry/core'

/** Resolves with what `look` finds as soon as it finds something. The conductor has the patience, and loses it. */
export function until<Found>(
  replica: Pick<ReplicaBase, 'onCommit'>,
  look: () => Promise<Found | undefined>,
): Promise<Found> {
  return new Promise((resolve, reject) => {
    const again = () => {
      look().then((found) => {
        if (found === undefined) return
        stop()
        resolve(found)
      }, reject)
    }
    const stop = replica.onCommit(again)
    again()
  })
}
