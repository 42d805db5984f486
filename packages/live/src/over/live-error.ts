/** Errors as they cross the port: their name, their code and their words, and of a schema refusal its issues. */
import { LiveError } from '../port.ts'

/** Of an error that has no code: a defect, in this package or below. */
const UNEXPECTED = 'unexpected'
/** Of what its caller gave up. */
const ABORTED = 'aborted'

export function toLiveError(error: unknown): LiveError {
  if (error instanceof LiveError) return error
  if (!(error instanceof Error)) return new LiveError('Error', UNEXPECTED, String(error))
  const { name, message, code, issues } = error as Error & {
    code?: unknown
    issues?: readonly { path: string; message: string }[]
  }
  const plain = issues?.map((issue) => ({ path: issue.path, message: issue.message }))
  return new LiveError(name, codeOf(name, code), message, plain)
}

function codeOf(name: string, code: unknown): string {
  if (name === 'AbortError') return ABORTED
  return typeof code === 'string' ? code : UNEXPECTED
}
