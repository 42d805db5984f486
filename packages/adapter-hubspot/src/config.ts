/** How an account is reached, and what of it is bridged, as data. What is not named here is neither read nor written. */
import {
  guardedAgent,
  type HttpSettings,
  secretSchema,
  systemUrlSchema,
  WEBHOOK_AGE_MS_MAX,
} from '@skerry/bridge/http'
import * as z from 'zod'
import {
  ARCHIVED_EVERY_MS_DEFAULT,
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  OVERLAP_MS_DEFAULT,
  PROPERTIES_LENGTH_MAX,
  RESPONSE_BYTES_MAX_DEFAULT,
} from './limits.ts'
import { objectTypeIdOf } from './types.ts'

const propertyName = z.string().regex(/^[a-z]\w*$/, 'want the internal name of a property, such as firstname')

const typeSchema = z
  .strictObject({
    /** A text property that requires unique values. */
    externalId: propertyName,
    properties: z.array(propertyName).min(1),
    /** Of a custom type, as `2-4242`: webhooks name it so. */
    objectTypeId: z
      .string()
      .regex(/^\d+-\d+$/, 'want a number such as 2-4242')
      .optional(),
  })
  .refine(
    ({ properties }) => new Set(properties).size === properties.length,
    'properties: one of them stands there twice',
  )
  .refine(
    ({ externalId, properties }) => !properties.includes(externalId),
    'properties: the one of external ids is the bridge’s own',
  )
  .refine(
    ({ properties }) => properties.join(',').length <= PROPERTIES_LENGTH_MAX,
    `properties: more than ${PROPERTIES_LENGTH_MAX} characters together`,
  )

const oauthSchema = z.strictObject({
  clientId: secretSchema,
  clientSecret: secretSchema,
  /** What the app was given when a person let it in. */
  refreshToken: secretSchema,
})

const webhookSchema = z.strictObject({
  /** Where to listen. */
  port: z.number().int().min(0).max(65_535),
  host: z.string().default('127.0.0.1'),
  /** The target URL that stands in the app's settings, to the letter: it is signed. */
  publicUrl: z.url({ protocol: /^https?$/ }),
  /** The app's client secret. */
  secret: secretSchema,
  /** Milliseconds after which a push is too old to be believed. */
  ageMsMax: z.number().int().min(1).max(WEBHOOK_AGE_MS_MAX).default(WEBHOOK_AGE_MS_MAX),
})

export const hubspotConfigSchema = z
  .strictObject({
    name: z.string().min(1).default('hubspot'),
    baseUrl: systemUrlSchema.transform((url) => url.replace(/\/+$/, '')).default('https://api.hubapi.com'),
    /** Of a private app. */
    token: secretSchema.optional(),
    oauth: oauthSchema.optional(),
    types: z
      .record(z.string().regex(/^[\w-]+$/, 'want a type such as contacts or 2-4242'), typeSchema)
      .refine((types) => Object.keys(types).length > 0, 'wants at least one type'),
    webhook: webhookSchema.optional(),
    /** Addresses may lead into private networks, or to this machine. */
    allowPrivate: z.boolean().default(false),
    overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
    archivedEveryMs: z.number().int().min(0).default(ARCHIVED_EVERY_MS_DEFAULT),
    timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
    responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
    /** Milliseconds since 1970. */
    now: z
      .custom<() => number>((value) => typeof value === 'function', 'want a function')
      .default(() => Date.now),
  })
  .refine(
    ({ token, oauth }) => (token === undefined) !== (oauth === undefined),
    'want token or oauth, one of them',
  )
  .superRefine(({ types, webhook }, context) => {
    if (!webhook) return
    for (const [type, config] of Object.entries(types)) {
      if (objectTypeIdOf(type, config) !== undefined) continue
      const message = 'want its number (as 2-4242), by which webhooks name it'
      context.addIssue({ code: 'custom', path: ['types', type, 'objectTypeId'], message })
    }
  })

/** What a user writes; what is absent has the default above. */
export type HubSpotAdapterOptions = z.input<typeof hubspotConfigSchema>
/** Ready for use. */
export interface HubSpotConfig extends z.output<typeof hubspotConfigSchema>, Pick<HttpSettings, 'agent'> {}
export type TypeConfig = z.output<typeof typeSchema>
export type WebhookConfig = z.output<typeof webhookSchema>

export class HubSpotConfigError extends Error {
  override readonly name = 'HubSpotConfigError'
  readonly code = 'hubspot-config'
}

/** @throws HubSpotConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): HubSpotConfig {
  const result = hubspotConfigSchema.safeParse(options)
  if (result.success) {
    const { allowPrivate } = result.data
    return { ...result.data, agent: guardedAgent({ allowPrivate }) }
  }
  throw new HubSpotConfigError(result.error.issues.flatMap(linesOf).join('\n'))
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `hubspotAdapter: unknown key '${at ? `${at}.` : ''}${key}'`)
  return [`hubspotAdapter: ${at || 'options'}: ${issue.message}`]
}
