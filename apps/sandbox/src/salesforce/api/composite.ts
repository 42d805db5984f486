/** Composite: up to 25 requests in one call, later ones with results of earlier ones in them, each by itself or all or none. */
import * as z from 'zod'
import { compositeQueriesMax, compositeSubrequestsMax } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'
import { bodyAs } from './json-body.ts'
import { withReferences } from './references.ts'

const compositeSchema = z.object({
  allOrNone: z.boolean().default(false),
  compositeRequest: z
    .array(
      z.object({
        method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
        url: z.string(),
        referenceId: z.string().regex(/^\w+$/),
        httpHeaders: z.record(z.string(), z.string()).default({}),
        body: z.unknown().optional(),
      }),
    )
    .min(1),
})

type Subrequest = z.output<typeof compositeSchema>['compositeRequest'][number]
type Done = { subrequest: Subrequest; reply: Reply }

/** Inherited from the call; a subrequest that names one spoils all of it. */
const inheritedHeaders = ['accept', 'authorization', 'content-type']

class RolledBack extends Error {}

export const runComposite: Endpoint = (ask) => {
  const { allOrNone, compositeRequest } = bodyAs(ask, compositeSchema)
  assertAllowed(compositeRequest)
  let done: Done[] = []
  const runAll = () => {
    for (const subrequest of compositeRequest) {
      const reply = runOne(ask, subrequest, done, allOrNone)
      done.push({ subrequest, reply })
      if (allOrNone && reply.status >= 400) throw new RolledBack()
    }
  }
  try {
    if (allOrNone) ask.world.transactions.run(runAll)
    else runAll()
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    const culprit = done.at(-1)
    done = compositeRequest.map((subrequest) => {
      const known = done.find((one) => one.subrequest === subrequest)
      return known && known === culprit ? known : { subrequest, reply: halted(known?.reply) }
    })
  }
  const compositeResponse = done.map(({ subrequest, reply }) => ({
    body: reply.body ?? null,
    httpHeaders: reply.headers ?? {},
    httpStatusCode: reply.status,
    referenceId: subrequest.referenceId,
  }))
  return {
    status: 200,
    body: { compositeResponse },
    operations: done.flatMap(({ reply }) => reply.operations ?? []),
  }
}

function runOne(ask: Ask, subrequest: Subrequest, done: readonly Done[], allOrNone: boolean): Reply {
  const { method, httpHeaders } = subrequest
  const results = new Map(done.map(({ subrequest: { referenceId }, reply }) => [referenceId, reply]))
  const url = withReferences(subrequest.url, results)
  const body = withReferences(subrequest.body, results)
  if (url instanceof Refusal || body instanceof Refusal)
    return refused(url instanceof Refusal ? url : (body as Refusal))
  const asked = allOrNone && isCollection(url as string) ? { ...(body as object), allOrNone: true } : body
  return ask.dispatch({
    method,
    url: url as string,
    headers: new Headers(httpHeaders),
    json: () => asked,
    text: () => '',
    author: ask.author,
  })
}

function halted(reply: Reply | undefined): Reply {
  const message = 'The transaction was rolled back since another operation in the same transaction failed.'
  const operations = reply?.operations?.map((told) => ({
    ...told,
    status: 400,
    committed: false,
    created: false,
  }))
  return { ...refused(new Refusal('PROCESSING_HALTED', message)), ...(operations && { operations }) }
}

function refused({ status, error }: Refusal): Reply {
  return { status, body: [error] }
}

/** @throws Refusal for what spoils the whole call */
function assertAllowed(subrequests: readonly Subrequest[]): void {
  if (subrequests.length > compositeSubrequestsMax)
    throw new Refusal(
      'PROCESSING_HALTED',
      `Limit exceeded: ${compositeSubrequestsMax} subrequests are the most`,
    )
  const queries = subrequests.filter(({ url }) => /\/query(All)?[/?]/.test(url) || isCollection(url))
  if (queries.length > compositeQueriesMax)
    throw new Refusal(
      'PROCESSING_HALTED',
      `Limit exceeded: ${compositeQueriesMax} queries and collections are the most`,
    )
  const ids = new Set(subrequests.map(({ referenceId }) => referenceId))
  if (ids.size < subrequests.length) throw new Refusal('INVALID_INPUT', 'a referenceId stands twice')
  const spoilt = subrequests.find(({ httpHeaders }) =>
    Object.keys(httpHeaders).some((name) => inheritedHeaders.includes(name.toLowerCase())),
  )
  if (spoilt) throw new Refusal('INVALID_INPUT', `${spoilt.referenceId} names a header that it inherits`)
}

function isCollection(url: string): boolean {
  return /\/composite\/sobjects/.test(url)
}
