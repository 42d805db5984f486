/** The chosen language for components. */
import { createContext, useContext } from 'react'
import type { Words } from './en.ts'
import type { Format } from './format.ts'
import { type Spoken, spokenIn } from './languages.ts'

export const SpokenContext = createContext<Spoken>(spokenIn('en', []))

export function useWords(): Words {
  return useContext(SpokenContext).words
}

export function useFormat(): Format {
  return useContext(SpokenContext).format
}
