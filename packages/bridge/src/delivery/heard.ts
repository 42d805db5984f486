/** What the answers of one call say together: a system that took anything of it has answered, and wants nobody to wait (SPEC B-10, B-60). */
import type { Heard } from '../gate.ts'

interface Answer {
  kind: string
  retryAfterMs?: number | undefined
}

const turnedAway = (kind: string) => kind === 'later' || kind === 'unauthorized'

export function heardOf(answers: readonly Answer[]): Heard {
  const taken = answers.find(({ kind }) => kind !== 'unknown' && !turnedAway(kind))
  if (taken || answers.length === 0) return { kind: taken?.kind ?? 'nothing' }
  const { kind } = answers.find((answer) => turnedAway(answer.kind)) ?? answers[0]!
  const waits = answers.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  return { kind, ...(waits.length > 0 && { retryAfterMs: Math.max(...waits) }) }
}
