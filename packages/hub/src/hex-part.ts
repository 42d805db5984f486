/** A part of a path that names something by its hex digits. */
import { ProblemError } from './problem.ts'

export function hexPart(value: string, digits: number, what: string): string {
  if (value.length === digits && /^[0-9a-f]+$/.test(value)) return value
  throw new ProblemError(
    'invalid-request',
    `'${value.slice(0, 80)}' is no ${what}: want ${digits} lower-case hex digits`,
  )
}
