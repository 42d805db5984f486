/** The replica that all components look at, wherever it runs. */
import type { LiveReplica } from '@skerry/live'
import { useReplica as useProvided } from '@skerry/react'

/** This app has one from its first moment. */
export function useReplica(): LiveReplica {
  const replica = useProvided()
  if (!replica) throw new Error('useReplica is called outside of SkerryProvider: wrap the app in one')
  return replica
}
