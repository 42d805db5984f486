/** Whether a Wi-Fi that wants a sign-in answers in the hub's place, for components. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'
import type { PortalLook } from './portal.ts'

/** One for the page, so that two who want to know ask once. */
export const PortalContext = createContext<PortalLook | undefined>(undefined)

const stopped = () => undefined

/** @param isAsked false where it is known what is wrong */
export function usePortal(isAsked: boolean): boolean {
  const look = useContext(PortalContext)
  const subscribe = useCallback(
    (listener: () => void) => (isAsked && look?.subscribe(listener)) || stopped,
    [look, isAsked],
  )
  return useSyncExternalStore(subscribe, () => isAsked && look?.isPortal === true)
}
