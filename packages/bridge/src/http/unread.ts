/** What a call came to of which no answer can be read; the same for every system over HTTP. */
import type { Failure } from '../adapter-port.ts'
import type { HttpAnswer } from './exchange.ts'

/** What the call was for. One that may write anything is a write. */
export type Purpose = 'read' | 'write'

export function failureUnread(
  { kind, reason }: Exclude<HttpAnswer, { kind: 'answer' }>,
  purpose: Purpose,
): Failure {
  if (kind === 'unsent') return { kind: 'later', reason }
  // Whatever stood in it, the write may have been carried out (SURE).
  if (kind === 'unanswered' || purpose === 'write') return { kind: 'unknown', reason }
  // A reading that is repeated would be answered alike for ever: a person must look.
  return { kind: 'rejected', reason }
}
