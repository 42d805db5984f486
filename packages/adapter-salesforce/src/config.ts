/** How an organisation is reached, and what of it is bridged, as data. What is not named here is neither read nor written. */
import {
  guardedAgent,
  type HttpSettings,
  isThisMachine,
  secretSchema,
  systemUrlSchema,
} from '@skerry/bridge/http'
import * as z from 'zod'
import {
  BULK_POLL_MS_DEFAULT,
  BULK_TIMEOUT_MS_DEFAULT,
  BULK_WRITES_MAX,
  BULK_WRITES_MIN,
  CALL_TIMEOUT_MS_DEFAULT,
  CALL_TIMEOUT_MS_MAX,
  OVERLAP_MS_DEFAULT,
  RESPONSE_BYTES_MAX_DEFAULT,
  SELECT_LENGTH_MAX,
} from './limits.ts'

const apiName = z.string().regex(/^[A-Za-z]\w*$/, 'want an API name, such as Account or Visit__c')
const fieldName = z
  .string()
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)?$/, 'want a field, such as Name or Account.Name')

const typeSchema = z
  .strictObject({
    /** A text field that is marked as External ID and Unique. */
    externalId: apiName,
    fields: z.array(fieldName).min(1),
    /** Which rows are read; a condition in SOQL, without WHERE. */
    where: z.string().min(1).optional(),
  })
  .refine(({ fields }) => new Set(fields).size === fields.length, 'fields: one of them stands there twice')
  .refine(
    ({ fields }) => fields.join(', ').length <= SELECT_LENGTH_MAX,
    `fields: more than ${SELECT_LENGTH_MAX} characters together`,
  )

const bulkSchema = z.strictObject({
  writesMin: z.number().int().min(1).max(BULK_WRITES_MAX).default(BULK_WRITES_MIN),
  timeoutMs: z.number().int().min(1).default(BULK_TIMEOUT_MS_DEFAULT),
  pollMs: z.number().int().min(1).default(BULK_POLL_MS_DEFAULT),
})

const functionSchema = <Call>() => z.custom<Call>((value) => typeof value === 'function', 'want a function')

export const salesforceConfigSchema = z.strictObject({
  name: z.string().min(1).default('salesforce'),
  /** The organisation's own address, as `https://example.my.salesforce.com`: client credentials are given nowhere else. */
  loginUrl: systemUrlSchema
    .refine((url) => url.startsWith('https:') || isThisMachine(url), 'want https: the secret is sent there')
    .transform((url) => url.replace(/\/+$/, '')),
  clientId: secretSchema,
  clientSecret: secretSchema,
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'want a version such as 62.0')
    .default('62.0'),
  /** What change events say of our writes. */
  clientName: z
    .string()
    .regex(/^\w{1,40}$/, 'letters, digits and _ are allowed')
    .default('Skerry'),
  types: z
    .record(apiName, typeSchema)
    .refine((types) => Object.keys(types).length > 0, 'wants at least one type'),
  /** Addresses may lead into private networks, or to this machine. */
  allowPrivate: z.boolean().default(false),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
  timeoutMs: z.number().int().min(1).max(CALL_TIMEOUT_MS_MAX).default(CALL_TIMEOUT_MS_DEFAULT),
  responseBytesMax: z.number().int().min(1).default(RESPONSE_BYTES_MAX_DEFAULT),
  /** `false`: no jobs are made. */
  bulk: z.union([bulkSchema, z.literal(false)]).prefault({}),
  /** Change events are listened to. Change Data Capture must be switched on there for each type. */
  events: z.boolean().default(false),
  /** Told when change events were lost, or cannot be had: the next poll finds what they would have told. */
  lost: functionSchema<(reason: string) => void>().default(() => () => undefined),
  now: functionSchema<() => number>().default(() => Date.now),
})

/** What a user writes; what is absent has the default above. */
export type SalesforceAdapterOptions = z.input<typeof salesforceConfigSchema>
/** Ready for use. */
export interface SalesforceConfig
  extends z.output<typeof salesforceConfigSchema>,
    Pick<HttpSettings, 'agent'> {}
export type TypeConfig = z.output<typeof typeSchema>

export class SalesforceConfigError extends Error {
  override readonly name = 'SalesforceConfigError'
  readonly code = 'salesforce-config'
}

/** @throws SalesforceConfigError, one line for each thing that is wrong */
export function checkConfig(options: unknown): SalesforceConfig {
  const result = salesforceConfigSchema.safeParse(options)
  if (result.success) {
    const { allowPrivate } = result.data
    return { ...result.data, agent: guardedAgent({ allowPrivate }) }
  }
  throw new SalesforceConfigError(result.error.issues.flatMap(linesOf).join('\n'))
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `salesforceAdapter: unknown key '${at ? `${at}.` : ''}${key}'`)
  return [`salesforceAdapter: ${at || 'options'}: ${issue.message}`]
}
