/** A call's line in the ledger: what came in, what was decided, and how much of the answer goes out. */
import type { AnswerFault, WorldFault } from '../faults/fault.ts'
import type { LedgerEntry } from '../ledger/entry.ts'
import type { World } from '../world.ts'
import type { Answer, Call } from './call.ts'

export type Decided = { answer: Answer; client: string | null }
export type Faults = { world: WorldFault | undefined; answer: AnswerFault | undefined }

export function recordCall(
  world: World,
  call: Call,
  { answer, client }: Decided,
  faults: Faults,
): LedgerEntry {
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
