/** A batch as JSON (OData JSON Format 4.01, section 19). */
import * as z from 'zod'
import { Refusal } from '../refusal.ts'
import type { Item, Operation, Outcome } from './batch-item.ts'
import { type Ask, isExact, type Reply } from './endpoint.ts'
import { bodyOf } from './writing.ts'

const batchSchema = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1),
      method: z.string().transform((method) => method.toUpperCase()),
      url: z.string().min(1),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.unknown().optional(),
      atomicityGroup: z.string().optional(),
      dependsOn: z.array(z.string()).default([]),
    }),
  ),
})

/** Requests of one group stand one after the other. @throws Refusal bad-request */
export function readJsonBatch(ask: Ask): Item[] {
  const { data } = batchSchema.safeParse(bodyOf(ask))
  if (!data) throw new Refusal('bad-request', 'The body is no batch.')
  const ids = new Set(data.requests.map(({ id }) => id))
  if (ids.size < data.requests.length) throw new Refusal('bad-request', 'Two requests have one id.')
  const items: Item[] = []
  for (const { atomicityGroup: name, body, headers, ...request } of data.requests) {
    const operation: Operation = { ...request, ...contentOf(ask, headers, body) }
    const open = items.at(-1)
    if (name !== undefined && open?.name === name)
      items[items.length - 1] = { ...open, operations: [...open.operations, operation] }
    else items.push({ name, operations: [operation], isSet: name !== undefined })
  }
  return items
}

function contentOf({ headers }: Ask, own: Record<string, string>, body: unknown) {
  const given = new Headers(own)
  // What the call itself says of media types holds for its parts.
  const exact = isExact(headers.get('content-type')) ? ';IEEE754Compatible=true' : ''
  if (!given.has('content-type')) given.set('content-type', `application/json${exact}`)
  if (!given.has('accept')) given.set('accept', headers.get('accept') ?? 'application/json')
  return { headers: given, text: body === undefined ? '' : JSON.stringify(body) }
}

export function writeJsonBatch(outcomes: readonly Outcome[]): Reply {
  const responses = outcomes.flatMap(({ item, replies }) =>
    item.operations.flatMap(({ id }, i) => {
      const reply = replies[i]
      if (!reply) return []
      const { status, headers = {}, body, text } = reply
      return [
        {
          id,
          ...(item.name !== undefined && { atomicityGroup: item.name }),
          status,
          headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
          ...((body ?? text) !== undefined && { body: body ?? text }),
        },
      ]
    }),
  )
  return { status: 200, body: { responses } }
}
