/** The replica that all components look at, wherever it runs. */
import type { LiveReplica } from '@skerry/live'
import { createContext, useContext } from 'react'

export const ReplicaContext = createContext<LiveReplica | undefined>(undefined)

export function useReplica(): LiveReplica {
  const replica = useContext(ReplicaContext)
  if (!replica) throw new Error('useReplica is called outside of ReplicaContext: wrap the app in one')
  return replica
}
