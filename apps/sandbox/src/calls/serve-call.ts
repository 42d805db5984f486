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
import { type AnswerFault, answerFaults, worldFaults } from '../faults/fault.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import type { Stage } from '../stage.ts'
import { cutSocket, goneSignal, responseOf, sendHalf } from './answering.ts'
import { type Answer, type Call, readCall } from './call.ts'
import type { Front } from './front.ts'
import { type Decided, type Faults, recordCall } from './record-call.ts'

type HttpContext = Context<{ Bindings: HttpBindings }>

export type Served = {
  /** Needs neither token nor rate budget. */
  open: boolean
  /** Bytes of the body that are read; beyond it the call is `tooLarge`. */
  bytesMax: number
  /** @param client null where the call is open */
  work: (call: Call, client: string | null) => Answer
}

export async function serveCall(
  stage: Stage,
  front: Front,
  context: HttpContext,
  served: Served,
): Promise<Response> {
  const call = await readCall(context.req.raw, served.bytesMax)
  const faults = takeFaults(stage, front, call)
  if (faults.answer?.fault === 'drop-before-commit') {
    const unread = { status: 0, headers: {}, body: '', operations: [] }
    recordCall(stage, front, call, { answer: unread, client: null }, faults)
    return cutSocket(context)
  }
  if (faults.answer?.fault === 'delay' && !(await delayed(stage, faults.answer.ms))) return cutSocket(context)
  const decided = swollen(decide(front, call, faults, served), faults.answer)
  const entry = recordCall(stage, front, call, decided, faults)
  return deliver(stage, context, decided.answer, faults.answer, entry)
}

/** False when the stand-in ended first. */
function delayed(stage: Stage, ms: number): Promise<boolean> {
  return wait(ms, true, { signal: stage.closing.signal }).catch(() => false)
}

function takeFaults({ faults }: Stage, front: Front, call: Call): Faults {
  if (faults.isEmpty) return { world: undefined, answer: undefined }
  const target = front.targetOf(call)
  return { world: faults.take(worldFaults, target), answer: faults.take(answerFaults, target) }
}

function decide(front: Front, call: Call, faults: Faults, { open, work }: Served): Decided {
  const { answer: fault } = faults
  if (fault?.fault === 'status' && !fault.afterCommit) return { answer: injected(front, fault), client: null }
  let client: string | null = null
  try {
    client = front.admit(call, faults.world, open)
    const answer = work(call, client)
    if (fault?.fault !== 'status') return { answer, client }
    return { answer: { ...injected(front, fault), operations: answer.operations }, client }
  } catch (error) {
    return { answer: front.refusal(error, call), client }
  }
}

/** An answer without a body has none that could be larger, so that it is given one, and a status that allows it. */
function swollen({ answer, client }: Decided, fault: AnswerFault | undefined): Decided {
  if (fault?.fault !== 'swell-body') return { answer, client }
  const { status, body } = answer
  const swollen = { ...answer, status: status === 204 ? 200 : status, body: body + ' '.repeat(fault.bytes) }
  return { answer: swollen, client }
}

function injected(front: Front, fault: Extract<AnswerFault, { fault: 'status' }>): Answer {
  const { status, body, retryAfterSeconds } = fault
  const failed = front.failed(status)
  const headers = { ...failed.headers }
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds)
  return { status, headers, body: body ?? failed.body, operations: [] }
}

async function deliver(
  stage: Stage,
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
      const how = await stage.held.hold({ seq, method, path, externalId }, goneSignal(context))
      return how === 'lose' ? cutSocket(context) : responseOf(answer)
    }
    default:
      return responseOf(answer)
  }
}
