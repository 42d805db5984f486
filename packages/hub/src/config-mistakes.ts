/**
 * The config that all roles share, held against what a hub can use, before anything is made or opened: a misspelt key is a mistake that names its neighbour, and not a setting that silently does nothing.
 */
import { type Collection, nearest, ReplicaBase, type Rule } from '@skerry/core'
import { NAME_LENGTH_MAX } from '@skerry/credentials'
import { checkedThresholdRule } from '@skerry/streams'
import * as z from 'zod'
import { levels } from './log.ts'
import type { HubConfig } from './settings.ts'
import type { RecordThreshold, StreamSettings } from './stream-settings.ts'

const isFunction = (value: unknown) => typeof value === 'function'
const isObject = (value: unknown) => typeof value === 'object' && value !== null

const collection = z.custom<Collection>(
  (value) =>
    isObject(value) && ['name', 'shape', 'versions', 'channels', 'parse'].every((key) => key in value),
  "want a collection: collection('jobs', z.object({ … }))",
)

const ruleForm = z.object({ name: z.string(), collection: z.string(), check: z.custom(isFunction) })
const rule = z.custom<Rule<never>>(
  (value) => ruleForm.safeParse(value).success,
  'want a rule: { name, collection, check }',
)

const thresholdForm = z.object({
  name: z.string(),
  streams: z.string(),
  above: z.number().optional(),
  below: z.number().optional(),
  clear: z.number(),
  forReadings: z.number(),
  opens: z.custom(isFunction),
  closes: z.custom(isFunction).optional(),
})
const threshold = z.unknown().superRefine((value, context) => {
  const message = thresholdMistake(value)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

function thresholdMistake(value: unknown): string | undefined {
  if (!thresholdForm.safeParse(value).success)
    return 'want a threshold: { name, streams, above, clear, forReadings, opens }, with below in place of above for what falls'
  try {
    checkedThresholdRule(value as RecordThreshold)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const streams = z.strictObject({
  channels: z.custom<StreamSettings['channels']>(isFunction, 'want a function').optional(),
  thresholds: z.array(threshold).optional(),
})

/** So much a second over time, and so much at once after a rest. */
const rate = z.strictObject({ perSecond: z.number().positive(), burst: z.number().min(1) })

const count = z.number().int().min(1).optional()
/** Uploads of blobs. */
const unfinished = z.strictObject({ perDevice: count, bytesPerDevice: count, all: count, bytes: count })

const hub = z.strictObject({
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
  hub: hub.optional(),
  streams: streams.optional(),
  // Read by @skerry/bridge alone; the hub of the same config passes over them.
  bridges: z.array(z.unknown()).optional(),
})

/** One line for each thing that is wrong; none when the config can be used. */
export function configMistakes(config: unknown): string[] {
  const result = configSchema.safeParse(config)
  if (result.success) return [...nameMistakes(config as HubConfig)]
  return result.error.issues.flatMap(linesOf)
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return [`${at || 'config'}: ${issue.message}`]
  const known = Object.keys(objectAt(issue.path).shape)
  return issue.keys.map((key) => {
    const meant = nearest(key, known)
    const where = at === '' ? key : `${at}.${key}`
    return `unknown key '${where}'; ${meant ? `did you mean '${meant}'?` : `known here: ${known.join(', ')}`}`
  })
}

/** Objects that must not have unknown keys lie in each other, and in no array. */
function objectAt(path: readonly PropertyKey[]): z.ZodObject {
  return path.reduce<z.ZodObject>((object, key) => {
    const field: unknown = object.shape[String(key)]
    return (field instanceof z.ZodOptional ? field.unwrap() : field) as z.ZodObject
  }, configSchema)
}

/** Names that lead nowhere, or to two things. */
function* nameMistakes({ collections, rules = [], streams = {} }: HubConfig): Generator<string> {
  const names: string[] = []
  for (const [key, { name }] of Object.entries(collections)) {
    if (key === 'session' || key in ReplicaBase.prototype)
      yield `collections.${key}: every replica has '${key}' itself; give this collection another key`
    if (names.includes(name)) yield `collections.${key}: there is a collection '${name}' already`
    names.push(name)
  }
  for (const { name, collection: of } of rules) {
    if (names.includes(of)) continue
    const meant = nearest(of, names)
    const hint = meant ? `did you mean '${meant}'?` : `there are ${names.join(', ') || 'none'}`
    yield `rule '${name}': there is no collection '${of}'; ${hint}`
  }
  const thresholds = (streams.thresholds ?? []).map(({ name }) => name)
  for (const [at, name] of thresholds.entries())
    if (thresholds.indexOf(name) < at)
      yield `streams.thresholds.${at}: there is a threshold '${name}' already; records are named by it`
}
