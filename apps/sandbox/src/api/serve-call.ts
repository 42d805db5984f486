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
import type { AnswerFault } from '../faults/fault.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import { requestBytesMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { World } from '../world.ts'
import { cutSocket, goneSignal, responseOf, sendHalf } from './answering.ts'
import { type Answer, type Call, problemAnswer, readCall } from './call.ts'
import type { Endpoint } from './endpoint.ts'
import { targetOf } from './fault-target.ts'
import { type Decided, type Faults, recordCall } from './record-call.ts'

type HttpContext = Context<{ Bindings: HttpBindings }>
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
    recordCall(world, call, { answer: unread, client: null }, faults)
    return cutSocket(context)
  }
  if (faults.answer?.fault === 'delay' && !(await delayed(world, faults.answer.ms))) return cutSocket(context)
  const param = (name: string) => context.req.param(name) ?? ''
  const work = (client: string) => endpoint({ world, call, client, param })
  const decided = decide(world, call, faults, open, work)
  const entry = recordCall(world, call, decided, faults)
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
  open: boolean,
  work: (client: string) => Answer,
): Decided {
  const { answer: fault } = faults
  if (fault?.fault === 'status' && !fault.afterCommit) return { answer: injected(fault), client: null }
  let client: string | null = null
  try {
    if (call.tooLarge) throw new Problem('body-too-large', `more than ${requestBytesMax} bytes; send batches`)
    if (faults.world?.fault === 'expire-tokens') world.tokens.expireAll()
    if (!open) {
      client = world.tokens.clientOf(call.headers.get('authorization'))
      world.limiter.take(client, faults.world?.fault === 'limits' ? faults.world : world.settings.rateLimit)
    }
    const answer = work(client ?? '')
    if (fault?.fault !== 'status') return { answer, client }
    return { answer: { ...injected(fault), operations: answer.operations }, client }
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
