/** Q7: both sides see from one DIFFERENCES that nothing differs, and take the reconciliation to its end without another question. */
import type { Differences } from './messages.ts'

export function allEqual({ answers }: Pick<Differences, 'answers'>): boolean {
  return answers.every(({ kind }) => kind === 'equal')
}
