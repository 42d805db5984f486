/** Settings for components. */
import { createContext, useContext } from 'react'
import type { Settings } from './settings.ts'

export interface Chosen {
  settings: Settings
  choose(change: Partial<Settings>): void
}

export const SettingsContext = createContext<Chosen | undefined>(undefined)

export function useSettings(): Chosen {
  const chosen = useContext(SettingsContext)
  if (!chosen) throw new Error('useSettings is called outside of SettingsContext: wrap the app in one')
  return chosen
}
