/** Reading telemetry over HTTP: which streams there are, and their readings of a range of time, one by one or in buckets. */
import {
  BUCKETS_PER_ANSWER_MAX,
  listStreams,
  RangeQueryError,
  READINGS_PER_PAGE_MAX,
  readStream,
  readStreamBuckets,
  type StreamTotals,
  streamTotals,
} from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Api, Env } from './api.ts'
import { mayRead } from './caller.ts'
import { anyCaller } from './identify.ts'
import { READINGS_PER_ANSWER_DEFAULT, STREAMS_PER_PAGE_MAX, URL_PART_LENGTH_MAX } from './limits.ts'
import { ProblemError } from './problem.ts'
import { readQuery } from './request-body.ts'

const part = z.string().max(URL_PART_LENGTH_MAX)
const listSchema = z.strictObject({
  prefix: part.optional(),
  after: part.optional(),
  limit: z.coerce.number().int().min(1).max(STREAMS_PER_PAGE_MAX).default(STREAMS_PER_PAGE_MAX),
})

/** Milliseconds since 1970, or a date with its zone. */
const time = z.union([
  z
    .string()
    .regex(/^-?\d{1,16}$/, 'want milliseconds since 1970, or 2026-01-31T12:00:00Z')
    .transform(Number),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
])
const readingsSchema = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  bucketMs: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(READINGS_PER_PAGE_MAX).optional(),
})

export function streamRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use(anyCaller(api))
  routes.get('/', async (c) => {
    const { limit, prefix, after } = readQuery(c, listSchema)
    const range = { limit, ...(prefix !== undefined && { prefix }), ...(after !== undefined && { after }) }
    const found = await listStreams(api.replica, range)
    const streams = found.filter(({ stream }) => mayRead(c.get('caller'), api.streamChannels(stream)))
    return c.json({ streams, ...(found.length === limit && { next: found.at(-1)!.stream }) })
  })
  routes.get('/:stream/readings', async (c) => {
    const totals = await totalsFor(api, c.get('caller'), c.req.param('stream'))
    const { from = totals.firstMs, to = totals.newestMs + 1, bucketMs, limit } = readQuery(c, readingsSchema)
    const range = { fromMs: from, toMs: to }
    return c.json({
      stream: totals.stream,
      ...(await answering(() =>
        bucketMs === undefined
          ? readingsOf(api, totals, range, limit ?? READINGS_PER_ANSWER_DEFAULT)
          : bucketsOf(
              api,
              totals,
              range,
              bucketMs,
              Math.min(limit ?? BUCKETS_PER_ANSWER_MAX, BUCKETS_PER_ANSWER_MAX),
            ),
      )),
    })
  })
  return routes
}

interface Range {
  fromMs: number
  toMs: number
}

async function totalsFor(
  api: Api,
  caller: Env['Variables']['caller'],
  stream: string,
): Promise<StreamTotals> {
  const totals = mayRead(caller, api.streamChannels(stream))
    ? await streamTotals(api.replica, stream)
    : undefined
  if (totals) return totals
  throw new ProblemError(
    'not-found',
    `there is no stream '${stream.slice(0, 80)}' in the channels you may read`,
  )
}

/** Pairs of time and value; a gap's value is null. `nextMs` is the `from` of the following page, null at the end. */
async function readingsOf(api: Api, { stream }: StreamTotals, range: Range, limit: number) {
  const { times, values, nextMs } = await readStream(api.replica, stream, range, {
    compressor: nodeCompressor,
    limit,
  })
  return { readings: Array.from(times, (timeMs, i) => [timeMs, values[i]]), nextMs }
}

async function bucketsOf(api: Api, { stream }: StreamTotals, range: Range, bucketMs: number, limit: number) {
  return readStreamBuckets(api.replica, stream, range, { compressor: nodeCompressor, bucketMs, limit })
}

async function answering(read: () => Promise<object>): Promise<object> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof RangeQueryError) throw new ProblemError('invalid-request', error.message)
    throw error
  }
}
