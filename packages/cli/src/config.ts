/**
 * `skerry.config.ts`: one file for every role, typed by `defineConfig` and checked strictly when it is loaded, so that a misspelt key is an error that
 * names its neighbour and not a setting that silently does nothing.
 */
import { type Collection, nearest, type Rule } from '@skerry/core'
import { NAME_LENGTH_MAX } from '@skerry/credentials'
import type { HubSettings, RecordThreshold, StreamSettings } from '@skerry/hub'
import { levels } from '@skerry/hub'
import * as z from 'zod'
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

const collection = z.custom<Collection>(
  (value) => typeof value === 'object' && value !== null && 'shape' in value && 'channels' in value,
  "want a collection: collection('jobs', z.object({ … }))",
)
const rule = z.custom<Rule<never>>(
  (value) =>
    typeof value === 'object' && value !== null && 'check' in value && typeof value.check === 'function',
  'want a rule: { name, collection, check }',
)

const threshold = z.custom<RecordThreshold>(
  (value) =>
    typeof value === 'object' && value !== null && 'opens' in value && typeof value.opens === 'function',
  'want a threshold: { name, streams, above, clear, forReadings, opens }',
)
const streamSchema = z.strictObject({
  channels: z
    .custom<StreamSettings['channels']>((value) => typeof value === 'function', 'want a function')
    .optional(),
  thresholds: z.array(threshold).optional(),
})

/** So much a second over time, and so much at once after a rest. */
const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().min(1) })

const count = z.number().int().min(1).optional()
/** Uploads of blobs. */
const unfinished = z.strictObject({ perDevice: count, bytesPerDevice: count, all: count, bytes: count })

const hubSchema = z.strictObject({
  port: z.number().int().min(0).max(65_535).optional(),
  host: z.string().min(1).optional(),
  store: z.string().min(1).optional(),
  accept: z.enum(['moved', 'copy', 'restored']).optional(),
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  blobs: z
    .strictObject({
      folder: z.string().min(1).optional(),
      bytesMax: z.number().int().min(1).optional(),
      unfinished: unfinished.optional(),
    })
    .optional(),
  app: z.string().min(1).optional(),
  origins: z.array(z.string()).optional(),
  trustedProxies: z.number().int().min(0).max(10).optional(),
  sessionsMax: z.number().int().min(1).optional(),
  admissions: rate.optional(),
  budget: z
    .strictObject({ messages: rate.optional(), bytes: rate.optional(), operations: rate.optional() })
    .optional(),
  drainMs: z.number().int().min(0).optional(),
  logLevel: z.enum(levels).optional(),
})

const configSchema = z.strictObject({
  space: z.string().min(1).max(NAME_LENGTH_MAX),
  collections: z.record(z.string(), collection),
  rules: z.array(rule).optional(),
  hub: hubSchema.optional(),
  streams: streamSchema.optional(),
  bridges: z.array(z.unknown()).optional(),
})

/** @throws CliError `config`, one line for each thing that is wrong */
export function checkConfig(value: unknown, file: string): SkerryConfig {
  const result = configSchema.safeParse(value)
  if (!result.success) {
    const lines = result.error.issues.flatMap((issue) => describe(issue))
    throw new CliError('config', lines.map((line) => `${file}: ${line}`).join('\n'))
  }
  checkNames(result.data as SkerryConfig, file)
  return result.data as SkerryConfig
}

function describe(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return [`${at || 'config'}: ${issue.message}`]
  const known = Object.keys((at === 'hub' ? hubSchema : at === 'streams' ? streamSchema : configSchema).shape)
  return issue.keys.map((key) => {
    const meant = nearest(key, known)
    const where = at === '' ? key : `${at}.${key}`
    return `unknown key '${where}'; ${meant ? `did you mean '${meant}'?` : `known here: ${known.join(', ')}`}`
  })
}

/** A collection's key is what apps call it, its name is what travels: two names for one thing would confuse every log. */
function checkNames(config: SkerryConfig, file: string): void {
  const names = Object.values(config.collections).map(({ name }) => name)
  for (const [key, { name }] of Object.entries(config.collections)) {
    if (key !== name)
      throw new CliError(
        'config',
        `${file}: collections.${key}: the collection is named '${name}'; use one name for both`,
      )
  }
  for (const { name, collection: of } of config.rules ?? []) {
    if (names.includes(of)) continue
    const meant = nearest(of, names)
    const hint = meant ? `did you mean '${meant}'?` : `there are ${names.join(', ') || 'none'}`
    throw new CliError('config', `${file}: rule '${name}': there is no collection '${of}'; ${hint}`)
  }
}
