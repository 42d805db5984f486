/** Whether who is signed in has decided about a card, for components. */
import { useSyncExternalStore } from 'react'
import { useSync } from '../replica/use-states.ts'
import { dismissedCards, isDismissedBy, onDismissed } from './dismissed.ts'

/** @returns asked by a card's key */
export function useDismissed(): (card: string) => boolean {
  const me = useSync()?.credential?.subject
  const all = useSyncExternalStore(onDismissed, dismissedCards)
  return (card) => isDismissedBy(me, card, all)
}
