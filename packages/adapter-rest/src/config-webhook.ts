/** How the system tells of changes by itself, as data: where it calls, how it signs, what it says. */
import type { Hint } from '@skerry/bridge'
import { Secret, secretSchema } from '@skerry/bridge/http'
import * as z from 'zod'
import { WEBHOOK_AGE_MS_MAX } from './limits.ts'

/** HMAC of what the system signs, in a header of its own. */
const hmacSchema = z.strictObject({
  kind: z.literal('hmac'),
  header: z.string().min(1),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
  encoding: z.enum(['hex', 'base64']).default('hex'),
  /** Stands before the signature in the header: `sha256=`. */
  prefix: z.string().default(''),
  /** What is signed: `{body}`, `{timestamp}`, `{id}`, `{method}` and `{url}` (the public one) are filled in. */
  signs: z
    .string()
    .refine((text) => text.includes('{body}'), 'want {body} in it: what is not signed, anybody can say')
    .default('{body}'),
  /** The header that says when it was sent; it must be signed. Without one the age cannot be known, and a replay is known only as long as its signature is remembered. */
  timestamp: z.strictObject({ header: z.string().min(1), unit: z.enum(['s', 'ms']).default('s') }).optional(),
  /** The header with the message's own id; it must be signed. */
  id: z.string().min(1).optional(),
})

const schemeSchema = z
  .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('standard') }), hmacSchema])
  .refine(
    (scheme) => scheme.kind !== 'hmac' || !scheme.timestamp || scheme.signs.includes('{timestamp}'),
    'the timestamp is not signed: want {timestamp} in signs',
  )
  .refine(
    (scheme) => scheme.kind !== 'hmac' || !scheme.id || scheme.signs.includes('{id}'),
    'the id is not signed: want {id} in signs',
  )

/** Places in what is sent. */
const hintSchema = z.strictObject({
  /** A list of events; empty: the whole is one, or is the list. */
  each: z.string().default(''),
  /** The type of the row, or what tells it: `accounts.updated` is of `accounts`. */
  type: z.string().default('type'),
  /** Types by what stands there; one that is not named is no hint. */
  types: z.record(z.string(), z.string()).optional(),
  id: z.string().default('data.id'),
  externalId: z.string().default('data.externalId'),
  version: z.string().default('data.version'),
})

const isSecret = (secret: Secret) => secret.value.startsWith('whsec_')

export const webhookSchema = z
  .strictObject({
    /** Where to listen; 0 takes any free port. */
    port: z.number().int().min(0).max(65_535).default(0),
    host: z.string().default('127.0.0.1'),
    /** What the system is told to call; default the address listened on. */
    publicUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Default: the one the system gives at registration. */
    secret: secretSchema.optional(),
    /** False: somebody has told the system already where to call, and what the secret is. */
    registers: z.boolean().default(true),
    scheme: schemeSchema.default({ kind: 'standard' }),
    /** Milliseconds after which a push is too old to be believed. */
    ageMsMax: z.number().int().min(1).max(WEBHOOK_AGE_MS_MAX).default(WEBHOOK_AGE_MS_MAX),
    hint: hintSchema.prefault({}),
    /** Where data is not enough. */
    hints: z
      .custom<(payload: unknown) => Hint[]>((value) => typeof value === 'function', 'want a function')
      .optional(),
  })
  .refine(({ registers, secret }) => registers || secret, 'want a secret where nothing is registered')
  .refine(
    ({ scheme, secret }) => scheme.kind !== 'standard' || !(secret instanceof Secret) || isSecret(secret),
    'secret: one of Standard Webhooks begins with whsec_',
  )

export type WebhookConfig = z.output<typeof webhookSchema>
export type WebhookScheme = WebhookConfig['scheme']
