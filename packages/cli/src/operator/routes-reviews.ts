/** Conflicts that wait for a person: listed, and decided as they were read (SPEC O-7, O-8). */
import type { Review } from '@skerry/bridge'
import { ProblemError, readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { LISTED_DEFAULT, LISTED_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, type RunningBridge, runningBridges } from './node-bridges.ts'

export interface ReviewsOfSystem {
  system: string
  /** False: nothing is known here of what waits in it. */
  running: boolean
  reviews: Review[]
  /** The last record listed, when more may come after it. */
  goOnAfter?: string
}

export interface Resolved {
  system: string
  record: string
  field: string
}

const listSchema = z.strictObject({
  system: z.string().optional(),
  record: z.string().min(1).optional(),
  after: z.string().min(1).optional(),
  /** Records. */
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
})

type ListQuery = z.output<typeof listSchema>

const resolveSchema = z.strictObject({
  system: z.string().optional(),
  record: z.string().min(1),
  version: z.string().min(1),
  decision: z.union([z.enum(['ours', 'theirs']), z.strictObject({ value: z.json() })]),
  by: z.string().optional(),
})

export function reviewRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const query = readQuery(c, listSchema)
    const systems = bridgesAsked(bridges, query.system).map((one) => listed(one, query))
    return c.json({ systems: await Promise.all(systems) })
  })
  routes.post('/resolve', async (c) => {
    const { system, record, version, decision, by } = await readBody(c, resolveSchema)
    const found = await reviewRead(runningBridges(bridges, system), record, version)
    await found.bridge.resolve(found.review, decision, by === undefined ? {} : { by })
    const resolved: Resolved = { system: found.system, record, field: found.review.field }
    return c.json(resolved)
  })
  return routes
}

async function listed(
  { system, bridge }: NodeBridge,
  { record, after, limit }: ListQuery,
): Promise<ReviewsOfSystem> {
  const running = bridge()
  if (!running) return { system, running: false, reviews: [] }
  const reviews = await running.reviews({
    limit,
    ...(record !== undefined && { record }),
    ...(after !== undefined && { after }),
  })
  const last = reviews.at(-1)?.record
  const following =
    last !== undefined && record === undefined ? await running.reviews({ after: last, limit: 1 }) : []
  return {
    system,
    running: true,
    reviews,
    ...(last !== undefined && following.length > 0 && { goOnAfter: last }),
  }
}

/** The review that was read, if it is still as it was. @throws ProblemError `not-found`, `review-changed`, `invalid-request` */
async function reviewRead(running: readonly RunningBridge[], record: string, version: string) {
  const open: (RunningBridge & { review: Review })[] = []
  for (const one of running)
    for (const review of await one.bridge.reviews({ record })) open.push({ ...one, review })
  const [found, ...others] = open.filter(({ review }) => review.version === version)
  if (found && others.length === 0) return found
  const systems = running.map(({ system }) => system).join(', ')
  if (found)
    throw new ProblemError(
      'invalid-request',
      `${record}: ${version} is under review in several systems (${systems}); name one with --system`,
    )
  if (open.length === 0)
    throw new ProblemError('not-found', `${record}: nothing of it is under review in ${systems}`)
  const now = open.map(({ review }) => `${review.field || 'the whole record'} ${review.version}`).join(', ')
  throw new ProblemError(
    'review-changed',
    `${record}: ${version} is not under review, it was decided or has changed; now there are: ${now}; look at it again`,
  )
}
