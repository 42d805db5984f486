/** Going from one replica of this browser to another, for components: what is left behind is counted, and the page begins anew. */
import { usePhotos } from '../photos/use-photo.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useSync } from '../replica/use-states.ts'
import { type Left, type Replicas, readReplicas, writeReplicas } from './replicas.ts'
import { undeliveredOf } from './undelivered.ts'

export interface Leaving {
  /** What would be left. */
  left(): Promise<Left>
  /** To be the last thing that a page does. */
  go(to: (replicas: Replicas) => Replicas): void
}

export function useLeaving(): Leaving {
  const replica = useReplica()
  const photos = usePhotos()
  const subject = useSync()?.credential?.subject
  return {
    left: async () => ({
      undelivered: await undeliveredOf(replica, photos),
      leftAt: Date.now(),
      ...(subject !== undefined && { subject }),
    }),
    go: (to) => {
      writeReplicas(to(readReplicas()))
      location.reload()
    },
  }
}
