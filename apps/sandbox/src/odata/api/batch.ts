/**
 * `$batch`: many requests in one call, as parts of a multipart body (4.0) or as JSON (4.01). Each by itself, or several together as a change set that is carried out whole or not at all. The
 * first that fails ends the batch, unless the caller prefers to go on.
 */
import { Refusal } from '../refusal.ts'
import type { Item, Operation, Outcome } from './batch-item.ts'
import { readJsonBatch, writeJsonBatch } from './batch-json.ts'
import { readMultipartBatch, writeMultipartBatch } from './batch-multipart.ts'
import type { Ask, Endpoint, Reply } from './endpoint.ts'

class RolledBack extends Error {}

export const runBatch: Endpoint = (ask) => {
  const { world, preferences, headers } = ask
  const isMultipart = /^multipart\/mixed/i.test(headers.get('content-type') ?? '')
  const form = isMultipart ? 'multipart' : 'json'
  if (!world.profile.batch.includes(form))
    throw new Refusal('media-type', `Batches as ${form} are not supported.`)
  const items = isMultipart ? readMultipartBatch(ask) : readJsonBatch(ask)
  const count = items.reduce((sum, { operations }) => sum + operations.length, 0)
  if (count > world.profile.batchMax)
    throw new Refusal('bad-request', `A batch may have ${world.profile.batchMax} operations, not ${count}.`)
  const goesOn = preferences.get('continue-on-error') === 'true'
  const isOne = world.profile.isolates && /^snapshot$/i.test(headers.get('isolation') ?? '')
  const outcomes = isOne ? asOne(ask, items) : inTurn(ask, items, goesOn)
  const operations = outcomes.flatMap(({ replies }) => replies.flatMap((reply) => reply.operations ?? []))
  const written = isMultipart ? writeMultipartBatch(outcomes) : writeJsonBatch(outcomes)
  return { ...written, operations }
}

function inTurn(ask: Ask, items: readonly Item[], goesOn: boolean): Outcome[] {
  const outcomes: Outcome[] = []
  const made = new Map<string, string>()
  for (const item of items) {
    const outcome = outcomeOf(ask, item, made, outcomes)
    outcomes.push(outcome)
    if (isFailure(outcome) && !goesOn) break
  }
  return outcomes
}

/** All of the batch, or nothing. */
function asOne(ask: Ask, items: readonly Item[]): Outcome[] {
  let outcomes: Outcome[] = []
  try {
    ask.world.transactions.run(() => {
      outcomes = inTurn(ask, items, false)
      if (outcomes.some(isFailure)) throw new RolledBack()
    })
    return outcomes
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    return outcomes.map((outcome) => (isFailure(outcome) ? outcome : takenBack(ask, outcome)))
  }
}

/** @param made addresses of rows by the ids of the requests that made them */
function outcomeOf(ask: Ask, item: Item, made: Map<string, string>, before: readonly Outcome[]): Outcome {
  if (item.operations.some(({ dependsOn }) => dependsOn.some((name) => hasFailed(name, before))))
    return takenBack(ask, { item, replies: item.operations.map(() => ({ status: 424 })) })
  if (!item.isSet) return { item, replies: item.operations.map((one) => run(ask, one, made)) }
  const replies: Reply[] = []
  try {
    ask.world.transactions.run(() => {
      for (const operation of item.operations) {
        const reply = run(ask, operation, made)
        replies.push(reply)
        if (reply.status >= 400) throw new RolledBack()
      }
    })
    return { item, replies }
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    const failed = replies.length - 1
    const { replies: back } = takenBack(ask, { item, replies })
    const others = item.operations.map((_, i) => back[i] ?? dependent(ask))
    return { item, failed, replies: others.map((reply, i) => (i === failed ? replies[failed]! : reply)) }
  }
}

function run(ask: Ask, { id, url, method, headers, text }: Operation, made: Map<string, string>): Reply {
  const reply = ask.dispatch({ method, path: pathOf(ask, url, made), headers, text, origin: ask.origin })
  const address = reply.headers?.location
  if (id !== undefined && address !== undefined) made.set(id, address)
  return reply
}

/** An address in a batch is whole, relative to the origin or to the service, or begins with the id of a request before it. */
function pathOf({ world, origin }: Ask, url: string, made: ReadonlyMap<string, string>): string {
  const referred = url.replace(/^\/?\$(\w+)/, (all, id: string) => made.get(id) ?? all)
  const local = referred.startsWith(origin) ? referred.slice(origin.length) : referred
  const { root } = world.profile
  const below = local.startsWith(`${root}/`) ? local.slice(root.length) : local
  return below.startsWith('/') ? below : `/${below}`
}

function hasFailed(name: string, before: readonly Outcome[]): boolean {
  return before.some((outcome) => {
    const { item, replies } = outcome
    if (item.name === name) return isFailure(outcome)
    return item.operations.some(({ id }, i) => id === name && (replies[i]?.status ?? 0) >= 400)
  })
}

function isFailure({ replies }: Outcome): boolean {
  return replies.some(({ status }) => status >= 400)
}

/** What was done of it is not done any more. */
function takenBack(ask: Ask, { item, replies }: Outcome): Outcome {
  return {
    item,
    failed: 0,
    replies: replies.map(({ operations = [] }) => ({
      ...dependent(ask),
      operations: operations.map((one) => ({ ...one, status: 424, committed: false, created: false })),
    })),
  }
}

function dependent({ world }: Ask): Reply {
  const refusal = new Refusal('dependency-failed', 'Another request on which this one depends has failed.')
  return refusal.told(world.profile.refusals, false)
}
