/** A call's line in the ledger: what came in, what was decided, and how much of the answer goes out. */
import type { AnswerFault, WorldFault } from '../faults/fault.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import type { Stage } from '../stage.ts'
import type { Answer, Call } from './call.ts'
import type { Front } from './front.ts'

export type Decided = { answer: Answer; client: string | null }
export type Faults = { world: WorldFault | undefined; answer: AnswerFault | undefined }

export function recordCall(
  stage: Stage,
  front: Front,
  call: Call,
  { answer, client }: Decided,
  faults: Faults,
): LedgerEntry {
  const { operations } = answer
  const only = operations.length === 1 ? operations[0] : undefined
  const entry = stage.ledger.append({
    time: stage.clock.now(),
    method: call.method,
    path: call.path,
    type: only?.type ?? front.typeIn(call.path),
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
  front.recorded?.(entry)
  return entry
}

function sentBytes(answer: Answer, fault: AnswerFault | undefined): number {
  const size = Buffer.byteLength(answer.body)
  if (fault?.fault === 'commit-then-lose-answer') return 0
  return fault?.fault === 'truncate-body' ? Math.floor(size / 2) : size
}
