/**
 * `skerry.config.ts`: one file for every role, typed by `defineConfig` and checked strictly when it is loaded, so that a misspelt key is an error that
 * names its neighbour and not a setting that silently does nothing.
 */
import type { Collection, Rule } from '@skerry/core'
import { configMistakes, type HubSettings, type StreamSettings } from '@skerry/hub'
import { CliError } from './cli-error.ts'

export interface SkerryConfig {
  /** The tenant: the unit of isolation. At most 200 characters. */
  space: string
  collections: Record<string, Collection>
  rules?: readonly Rule<never>[]
  hub?: HubSettings
  streams?: StreamSettings
  /** Checked by @skerry/bridge when `skerry bridge` runs. */
  bridges?: readonly unknown[]
}

/** Gives the config its type in an editor; the check comes when it is loaded. */
export function defineConfig(config: SkerryConfig): SkerryConfig {
  return config
}

/** @throws CliError `config`, one line for each thing that is wrong */
export function checkConfig(value: unknown, file: string): SkerryConfig {
  const mistakes = configMistakes(value)
  const lines = mistakes.length > 0 ? mistakes : [...twoNames(value as SkerryConfig)]
  if (lines.length > 0) throw new CliError('config', lines.map((line) => `${file}: ${line}`).join('\n'))
  return value as SkerryConfig
}

/** A collection's key is what apps call it, its name is what travels: two names for one thing would confuse every log. */
function* twoNames({ collections }: SkerryConfig): Generator<string> {
  for (const [key, { name }] of Object.entries(collections))
    if (key !== name) yield `collections.${key}: the collection is named '${name}'; use one name for both`
}
