/** How rows look, and how lists of them are asked for and read, as data. */
import * as z from 'zod'
import { OVERLAP_MS_DEFAULT } from './limits.ts'

const where = z.string()
const query = z.record(z.string(), z.string())

/** Places in a row as the system sends it (path-in.ts). */
export const rowSchema = z.strictObject({
  /** The row in the answer to a read or a write. */
  at: where.default(''),
  id: where.default('id'),
  externalId: where.default('externalId'),
  /** `digest`: the system has none, and the row's own content is one. */
  version: z.union([where, z.strictObject({ digest: z.literal(true) })]).default('version'),
  modifiedAt: where.default('modifiedAt'),
  /** Of a time that is a number. */
  timeUnit: z.enum(['ms', 's']).default('ms'),
  modifiedBy: where.default('modifiedBy'),
  /** Where `true` says that the row is deleted, or another value that does. */
  deleted: z
    .union([where, z.strictObject({ at: where, is: z.union([z.string(), z.number(), z.boolean()]) })])
    .default('deleted'),
  /** The object that holds the fields; empty: the row itself. */
  fields: where.default('fields'),
})

/** Of a listing of everything there is (`Adapter.list`). */
const wholeSchema = z.strictObject({
  /** Default: where changes are listed. */
  path: z.string().startsWith('/').optional(),
  /** Parameters of its own, instead of `always`. */
  always: query.optional(),
  /** True when no row that lives can be missing in it: archived rows included, and nothing filtered out. Only then does it show that a row is gone. */
  proves: z.boolean().default(false),
})

export const listSchema = z.strictObject({
  /** Places in a page. */
  rows: where.default('rows'),
  /**
   * How one page leads to the next.
   * - `cursor`: a word in the body, at `next`, is sent as the parameter `cursor`
   * - `next-link`: an address in the body, at `next`
   * - `link-header`: RFC 8288, `rel="next"`
   * - `page`, `offset`: numbers, sent as the parameter `cursor`
   */
  paging: z.enum(['cursor', 'next-link', 'link-header', 'page', 'offset']).default('cursor'),
  next: where.default('next'),
  /** Where the body says how many rows there are (`offset`) or pages (`page`), or whether there are more. Without either an empty page is the last. */
  total: where.optional(),
  more: where.optional(),
  firstPage: z.number().int().min(0).default(1),
  /** Rows that the system gives at most, whatever it is asked for. Known, a shorter page is the last one. */
  pageRowsMax: z.number().int().min(1).optional(),
  /** Of numbered pages: `modified` when rows come in the order of their time, oldest first, so that one that changes moves to the end. */
  order: z.enum(['modified', 'other']).default('other'),
  /** Names of the query's parameters. */
  limit: z.string().default('limit'),
  cursor: z.string().default('cursor'),
  since: z.string().default('modifiedSince'),
  sinceFormat: z.enum(['ms', 's', 'iso']).default('ms'),
  /** True when a row modified at just that time is not listed. */
  sinceIsExclusive: z.boolean().default(false),
  /** Parameters that every listing carries. */
  always: query.default({ includeDeleted: 'true' }),
  overlapMs: z.number().int().min(0).default(OVERLAP_MS_DEFAULT),
  whole: wholeSchema.prefault({}),
})
