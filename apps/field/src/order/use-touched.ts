/** Orders that were edited on this device, by who is signed in and by others, for components. */
import { useMemo, useSyncExternalStore } from 'react'
import { useSync } from '../replica/use-states.ts'
import { onTouched, type Touched, touchedBy, touchedOrders } from './touched.ts'

export function useTouched(): readonly Touched[] {
  const me = useSync()?.credential?.subject
  const all = useSyncExternalStore(onTouched, touchedOrders)
  return useMemo(() => touchedBy(me, all), [me, all])
}

/** Whether somebody else had this device lately, and edited something. */
export function useHasChangedHands(): boolean {
  const me = useSync()?.credential?.subject
  const all = useSyncExternalStore(onTouched, touchedOrders)
  return me !== undefined && all.some(({ subject = me }) => subject !== me)
}
