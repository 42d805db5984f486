/** How rows are written, as data: what a create is, where the version stands, how many go at once. */
import * as z from 'zod'

const path = z.string().startsWith('/')

const createSchema = z.discriminatedUnion('kind', [
  /** PUT to the address of the external id: the system sees to it that there is one row. */
  z.strictObject({ kind: z.literal('put') }),
  /**
   * The system has no such address: a row is looked for, and made if there is none. The claim on it is the outbox's (bridge SPEC B-06): one call of a record at a time, repeated
   * as it was until its fate is known.
   */
  z.strictObject({
    kind: z.literal('search'),
    /** A listing of the rows of one external id, with `{externalId}` in it. */
    search: path.refine((text) => text.includes('{externalId}'), 'want {externalId} in it'),
    /** Where rows are made, by POST. */
    path: path.default('/v1/{type}'),
    /** Milliseconds until a row that was made is found for sure, where an index lags. So long a create of unknown fate is not repeated, and none is made after a start. */
    settleMs: z.number().int().min(0).default(0),
  }),
])

const updateSchema = z.strictObject({
  /** `replace`: the system takes whole rows only, so that the row is read and sent with what changes. */
  kind: z.enum(['merge', 'replace']).default('merge'),
  method: z.enum(['PATCH', 'PUT', 'POST']).default('PATCH'),
  contentType: z.string().default('application/merge-patch+json'),
})

const restoreSchema = z.discriminatedUnion('kind', [
  /** The write itself brings the row back, with these parameters. */
  z.strictObject({ kind: z.literal('query'), query: z.record(z.string(), z.string()) }),
  /** What is deleted has gone for ever: the row is made anew under its external id. */
  z.strictObject({ kind: z.literal('create') }),
  /** Deleted rows stay so. */
  z.strictObject({ kind: z.literal('never') }),
])

const versionSchema = z.discriminatedUnion('kind', [
  /** RFC 9110, section 13: `etag` of the config says how a version becomes an entity tag. */
  z.strictObject({ kind: z.literal('if-match') }),
  /** In the body; a delete has none, and takes it as a parameter. */
  z.strictObject({ kind: z.literal('body'), at: z.string().min(1), parameter: z.string().min(1) }),
])

export const writeSchema = z.strictObject({
  create: createSchema.default({ kind: 'put' }),
  update: updateSchema.prefault({}),
  restore: restoreSchema.default({ kind: 'query', query: { undelete: 'true' } }),
  version: versionSchema.default({ kind: 'if-match' }),
  /** The header for idempotency keys; quoted, as the IETF draft has it. Null: none is sent. */
  idempotencyKey: z
    .strictObject({ header: z.string().min(1).default('idempotency-key'), quoted: z.boolean().default(true) })
    .nullable()
    .prefault({}),
  /** What empties a field; where it is a text, that text is read as empty too. */
  empty: z.union([z.null(), z.literal('')]).default(null),
})

/** A body with words in braces to be filled in, as a whole value: `'{id}'`. What has no value is left out. */
const template = z.record(z.string(), z.json())

export const batchSchema = z.strictObject({
  path,
  writesMax: z.number().int().min(1),
  /** Place of the list in the request. */
  items: z.string().default('operations'),
  /** By action: `{type}`, `{id}`, `{externalId}`, `{fields}`, `{etag}`, `{version}`, `{ifNone}` (`*` for a row that must not be there), `{restore}` (true when it shall live again). */
  create: template,
  update: template,
  delete: template,
  /** Places in the answer: the list, and in each of its items. */
  answers: z.string().default('results'),
  status: z.string().default('status'),
  row: z.string().default('body'),
  problem: z.string().default('problem'),
})

export type BatchConfig = z.output<typeof batchSchema>
