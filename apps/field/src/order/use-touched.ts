/** Orders edited on this device, for components. */
import { useSyncExternalStore } from 'react'
import { onTouched, type Touched, touchedOrders } from './touched.ts'

export function useTouched(): readonly Touched[] {
  return useSyncExternalStore(onTouched, touchedOrders)
}
