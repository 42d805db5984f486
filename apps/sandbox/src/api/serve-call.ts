/**
 * The life of one API call, in one readable order:
 *
 *   read ─ world faults ─ [drop] ─ [delay] ─ authenticate ─ rate limit ─ work (commit) ─ ledger ─ [lose │ hold │ truncate] ─ answer
 *
 * The ledger is written after the commit and before the answer, so it tells of answers that the caller never gets.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { AnswerFault, WorldFault } from '../faults/fault.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import { requestBytesMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { World } from '../world.ts'
import { cutSocket, goneSignal, responseOf, sendHalf } from './answering.ts'
import { type Answer, type Call, problemAnswer, readCall } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { targetOf } from './fault-target.ts'

type HttpContext = Context<{ Bindings: HttpBindings }>
type Decided = { answer: Answer; client: string | null }
type Faults = { world: WorldFault | undefined; answer: AnswerFault | undefined }

/** @param open needs neither token nor rate budget */
export async function serveCall(
  world: World,
  context: HttpContext,
  endpoint: Endpoint,
  open: boolean,
): Promise<Response> {
  const call = await readCall(context.req.raw)
  const faults = takeFaults(world, call)
  if (faults.answer?.fault === 'drop-before-commit') {
    const unread = { status: 0, headers: {}, body: '', operations: [] }
    record(world, call, { answer: unread, client: null }, faults)
    return cutSocket(context)
  }
  if (faults.answer?.fault === 'delay' && !(await delayed(world, faults.answer.ms))) return cutSocket(context)
  const decided = decide(
    world,
    call,
    faults,
    (client) => {
      const param = (name: string) => context.req.param(name) ?? ''
      return endpoint({ world, call, client, param })
    },
    open,
  )
  const entry = record(world, call, decided, faults)
  return deliver(world, context, decided.answer, faults.answer, entry)
}

/** False when the sandbox ended first. */
function delayed(world: World, ms: number): Promise<boolean> {
  return wait(ms, true, { signal: world.closing.signal }).catch(() => false)
}

function takeFaults(world: World, call: Call): Faults {
  if (world.faults.isEmpty) return { world: undefined, answer: undefined }
  const target = targetOf(world, call)
  return { world: world.faults.takeWorld(target), answer: world.faults.takeAnswer(target) }
}

function decide(
  world: World,
  call: Call,
  faults: Faults,
  work: (client: string) => Answer,
  open: boolean,
): Decided {
  const { answer: fault } = faults
  if (fault?.fault === 'status' && !fault.afterCommit) return { answer: injected(fault), client: null }
  let client: string | null = null
  try {
    if (call.tooLarge)
      throw new Problem(
        'body-too-large',
        `a request of more than ${requestBytesMax} bytes; split it into batches`,
      )
    if (faults.world?.fault === 'expire-tokens') world.tokens.expireAll()
    if (!open) {
      client = world.tokens.clientOf(call.headers.get('authorization'))
      world.limiter.take(client, faults.world?.fault === 'limits' ? faults.world : world.settings.rateLimit)
    }
    const answer = work(client ?? '')
    return {
      answer: fault?.fault === 'status' ? { ...injected(fault), operations: answer.operations } : answer,
      client,
    }
  } catch (error) {
    return { answer: problemAnswer(problemOf(world, error), call.path), client }
  }
}

function problemOf(world: World, error: unknown): Problem {
  if (error instanceof Problem) return error
  world.log(error)
  return new Problem('internal', 'the sandbox failed; its log has the reason')
}

function injected(fault: Extract<AnswerFault, { fault: 'status' }>): Answer {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (fault.retryAfterSeconds !== undefined) headers['retry-after'] = String(fault.retryAfterSeconds)
  const body =
    fault.body ?? JSON.stringify({ title: 'injected fault', status: fault.status, code: 'injected-fault' })
  return { status: fault.status, headers, body, operations: [] }
}

function record(world: World, call: Call, { answer, client }: Decided, faults: Faults): LedgerEntry {
  const { operations } = answer
  const only = operations.length === 1 ? operations[0] : undefined
  const entry = world.ledger.append({
    time: world.clock.now(),
    method: call.method,
    path: call.path,
    type: only?.type ?? typeInPath(world, call.path),
    externalId: only?.externalId ?? null,
    fields: only?.fields ?? [],
    requestBytes: call.tooLarge ? Number(call.headers.get('content-length') ?? 0) : call.bytes.length,
    responseBytes: sentBytes(answer, faults.answer),
    status: answer.status,
    fault: faults.answer?.fault ?? faults.world?.fault ?? null,
    committed: operations.some(({ committed }) => committed),
    created: operations.some(({ created }) => created),
    client,
    operations: operations.filter(({ method }) => method !== 'GET'),
  })
  world.feed.publish('call', entry)
  return entry
}

function typeInPath(world: World, path: string): string | null {
  const name = /^\/v1\/([a-z0-9_]+)/.exec(path)?.[1]
  return name !== undefined && world.types.has(name) ? name : null
}

function sentBytes(answer: Answer, fault: AnswerFault | undefined): number {
  const size = Buffer.byteLength(answer.body)
  if (fault?.fault === 'commit-then-lose-answer') return 0
  return fault?.fault === 'truncate-body' ? Math.floor(size / 2) : size
}

async function deliver(
  world: World,
  context: HttpContext,
  answer: Answer,
  fault: AnswerFault | undefined,
  entry: LedgerEntry,
): Promise<Response> {
  switch (fault?.fault) {
    case 'commit-then-lose-answer':
      return cutSocket(context)
    case 'truncate-body':
      await sendHalf(context, answer)
      return RESPONSE_ALREADY_SENT
    case 'hold': {
      const { seq, method, path, externalId } = entry
      const how = await world.held.hold({ seq, method, path, externalId }, goneSignal(context))
      return how === 'lose' ? cutSocket(context) : responseOf(answer)
    }
    default:
      return responseOf(answer)
  }
}
