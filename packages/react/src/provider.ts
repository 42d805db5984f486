/** Which replica the hooks below it speak of. */
import type { LiveReplica } from '@skerry/live'
import { createContext, createElement, type ReactNode, useContext } from 'react'

const ReplicaContext = createContext<LiveReplica | undefined | null>(null)

export interface SkerryProviderProps {
  /** Undefined while it is being opened, and on a server: everything below is loading. */
  replica: LiveReplica | undefined
  children?: ReactNode
}

export function SkerryProvider({ replica, children }: SkerryProviderProps): ReactNode {
  return createElement(ReplicaContext, { value: replica }, children)
}

/** The replica itself, for what has no hook of its own. Undefined while it is being opened. @throws TypeError outside of a SkerryProvider */
export function useReplica(): LiveReplica | undefined {
  const replica = useContext(ReplicaContext)
  if (replica === null)
    throw new TypeError(
      'a Skerry hook is used outside of <SkerryProvider replica={…}>: put one around the app',
    )
  return replica
}
