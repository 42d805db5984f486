/**
 * The faults that can be injected, as data. One of each family can strike a call:
 * - world: changes the conditions before the call (`limits`, `expire-tokens`)
 * - answer: what becomes of the call itself; the first that matches strikes
 * - webhook (CRM, HubSpot), event (Salesforce): what becomes of an event on its way out
 * - row (Salesforce): what becomes of one write, alone or among others
 * - job (Salesforce): what becomes of a bulk job
 */
import * as z from 'zod'
import { swellBytesMax, waitMsMax } from '../limits.ts'
import { rateLimitSchema } from '../settings.ts'

const matchSchema = z.strictObject({
  /** One, or several with `|` between them. */
  method: z.string().toUpperCase().optional(),
  /** Only calls that write rows, or that do not. */
  writes: z.boolean().optional(),
  /** A prefix of the path with its query, or a regular expression when it starts with `^`. Of a webhook: the endpoint's path. */
  path: z
    .string()
    .refine((path) => !path.startsWith('^') || isRegExp(path), 'is no regular expression')
    .optional(),
  type: z.string().optional(),
  externalId: z.string().optional(),
})

const common = {
  match: matchSchema.default({}),
  /** Strikes so many times, then never; without it, until it is deleted. */
  count: z.int().min(1).optional(),
  /** Strikes a matching call with this probability, drawn from a generator that starts at `seed`. */
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().default(1),
}

const delayMs = z.int().min(0).max(waitMsMax)

const answerSchemas = [
  z.strictObject({ ...common, fault: z.literal('drop-before-commit') }),
  z.strictObject({ ...common, fault: z.literal('commit-then-lose-answer') }),
  z.strictObject({ ...common, fault: z.literal('hold') }),
  z.strictObject({ ...common, fault: z.literal('delay'), ms: delayMs }),
  z.strictObject({
    ...common,
    fault: z.literal('status'),
    status: z.int().min(400).max(599),
    body: z.string().optional(),
    retryAfterSeconds: z.int().min(0).optional(),
    /** Do the work, then answer as if it had failed. */
    afterCommit: z.boolean().default(false),
  }),
  z.strictObject({ ...common, fault: z.literal('truncate-body') }),
  /** So many bytes of white space behind the body: the answer as it was, and larger than its reader wants. */
  z.strictObject({ ...common, fault: z.literal('swell-body'), bytes: z.int().min(1).max(swellBytesMax) }),
] as const

const worldSchemas = [
  z.strictObject({ ...common, fault: z.literal('limits'), ...rateLimitSchema.shape }),
  z.strictObject({ ...common, fault: z.literal('expire-tokens') }),
] as const

/** Of the CRM and of HubSpot. */
export const crmFaultSchema = z.discriminatedUnion('fault', [
  ...worldSchemas,
  ...answerSchemas,
  z.strictObject({ ...common, fault: z.literal('webhook-duplicate') }),
  z.strictObject({ ...common, fault: z.literal('webhook-drop') }),
  z.strictObject({ ...common, fault: z.literal('webhook-delay'), ms: delayMs }),
])

export const salesforceFaultSchema = z.discriminatedUnion('fault', [
  ...worldSchemas,
  ...answerSchemas,
  z.strictObject({ ...common, fault: z.literal('lock-row') }),
  /** The job ends as Failed when so many of its records are processed. */
  z.strictObject({ ...common, fault: z.literal('fail-job'), afterRecords: z.int().min(0) }),
  z.strictObject({ ...common, fault: z.literal('event-drop') }),
  z.strictObject({ ...common, fault: z.literal('event-duplicate') }),
  /** Told without its fields: whoever wants them has to read the row. */
  z.strictObject({ ...common, fault: z.literal('event-gap') }),
])

export const odataFaultSchema = z.discriminatedUnion('fault', [...worldSchemas, ...answerSchemas])

export type Fault = z.output<typeof crmFaultSchema>
export type SalesforceFault = z.output<typeof salesforceFaultSchema>
export type ODataFault = z.output<typeof odataFaultSchema>
export type AnyFault = Fault | SalesforceFault | ODataFault
export type FaultName = AnyFault['fault']
export type FaultMatch = AnyFault['match']

export const worldFaults = ['limits', 'expire-tokens'] as const
export const answerFaults = [
  'drop-before-commit',
  'commit-then-lose-answer',
  'hold',
  'delay',
  'status',
  'truncate-body',
  'swell-body',
] as const
export const webhookFaults = ['webhook-duplicate', 'webhook-drop', 'webhook-delay'] as const
export const eventFaults = ['event-drop', 'event-duplicate', 'event-gap'] as const
export const rowFaults = ['lock-row'] as const
export const jobFaults = ['fail-job'] as const

export type FaultOf<Name extends FaultName> = Extract<AnyFault, { fault: Name }>
export type WorldFault = FaultOf<(typeof worldFaults)[number]>
export type AnswerFault = FaultOf<(typeof answerFaults)[number]>

function isRegExp(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}
