/** What this device's user has chosen. Kept in localStorage, since it is nobody else's matter and must be there before the first paint. */
import { isLanguage, type Language, languageOf } from '../words/languages.ts'

const KEY = 'field.settings'

export const themes = ['system', 'light', 'dark'] as const

export interface Settings {
  language: Language
  large: boolean
  /** Photos wait for a line that costs nothing. */
  wifiOnly: boolean
  theme: (typeof themes)[number]
  /** The panel that looks into the replica. */
  devtools: boolean
}

export function readSettings(languages: readonly string[]): Settings {
  const stored = parsed(localStorage.getItem(KEY))
  const language =
    typeof stored.language === 'string' && isLanguage(stored.language) ? stored.language : undefined
  return {
    language: language ?? languageOf(languages),
    large: stored.large === true,
    wifiOnly: stored.wifiOnly === true,
    theme: themes.find((theme) => theme === stored.theme) ?? 'system',
    devtools: stored.devtools === true,
  }
}

/** As they are by then: another window may have chosen something else before. */
export function changeSettings(change: Partial<Settings>, languages: readonly string[]): Settings {
  const settings = { ...readSettings(languages), ...change }
  localStorage.setItem(KEY, JSON.stringify(settings))
  return settings
}

/** Tells when another window has chosen something. The result ends it. */
export function onSettings(changed: () => void): () => void {
  const heard = ({ key }: StorageEvent) => {
    // Without a key all of it was cleared.
    if (key === KEY || key === null) changed()
  }
  window.addEventListener('storage', heard)
  return () => window.removeEventListener('storage', heard)
}

/** On the root element, where the style sheets look for it. */
export function applySettings({ language, large, theme }: Settings, direction: string): void {
  const { documentElement: root } = document
  root.lang = language
  root.dir = direction
  root.dataset.targets = large ? 'large' : 'usual'
  root.dataset.theme = theme
}

function parsed(text: string | null): { [Name in keyof Settings]?: unknown } {
  if (text === null) return {}
  try {
    return JSON.parse(text) as object
  } catch {
    // Somebody else's text under our key: the defaults are as good as any.
    return {}
  }
}
