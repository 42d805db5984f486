/** How the system knows us, as data. The two forms without a `kind` are those of the first version. */

import * as z from 'zod'
import { secretSchema } from './secret.ts'
import { systemUrlSchema } from './system-url.ts'

const tokens = {
  clientId: z.string().min(1),
  clientSecret: secretSchema,
  /** Below the base address. */
  tokenPath: z.string().startsWith('/').default('/oauth/token'),
  /** Where tokens come from another server than the rows; takes the place of `tokenPath`. */
  tokenUrl: systemUrlSchema.optional(),
  scope: z.string().optional(),
  /** How the client says who it is (RFC 6749, section 2.3.1). */
  clientAuth: z.enum(['body', 'basic']).default('body'),
}

/** What a call is about, for a signature made by hand. */
export interface Signed {
  method: string
  /** Below the base address, with the query. */
  path: string
  body: string | undefined
}

type HeadersOf = (what: Signed) => Record<string, string> | Promise<Record<string, string>>

const kinds = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bearer'), bearer: secretSchema }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().min(1), password: secretSchema }),
  z
    .strictObject({
      kind: z.literal('api-key'),
      key: secretSchema,
      header: z.string().min(1).optional(),
      query: z.string().min(1).optional(),
    })
    .refine(
      ({ header, query }) => (header === undefined) !== (query === undefined),
      'want header or query, and not both',
    ),
  z.strictObject({ kind: z.literal('client-credentials'), ...tokens }),
  z.strictObject({
    kind: z.literal('refresh-token'),
    ...tokens,
    /** A file is written anew when the system gives another one (RFC 6749, section 6). */
    refreshToken: secretSchema,
  }),
  z.strictObject({
    kind: z.literal('headers'),
    /** Made for each call. */
    headers: z.custom<HeadersOf>((value) => typeof value === 'function', 'want a function'),
  }),
])

export const authSchema = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || 'kind' in value) return value
  if ('bearer' in value) return { kind: 'bearer', ...value }
  return 'clientId' in value ? { kind: 'client-credentials', ...value } : value
}, kinds)

export type Auth = z.output<typeof kinds>
export type TokenAuth = Extract<Auth, { kind: 'client-credentials' | 'refresh-token' }>
/** What a user writes. */
export type AuthOptions =
  | z.input<typeof kinds>
  | Omit<Extract<z.input<typeof kinds>, { kind: 'bearer' }>, 'kind'>
  | Omit<Extract<z.input<typeof kinds>, { kind: 'client-credentials' }>, 'kind'>
