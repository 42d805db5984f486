/** Our refusals through the tus library: only errors of this form leave it with their status and words (blob-uploads.ts reads them on the other side). */
import type { ProblemCode, ProblemError } from './problem.ts'

export interface TusRefusal {
  status_code: number
  body: string
}

export function tusRefusal({ status, code, message }: ProblemError): TusRefusal {
  return { status_code: status, body: `skerry:${code}:${message}` }
}

/** Undefined for what the library says by itself. */
export function readTusRefusal(body: string): { code: ProblemCode; words: string } | undefined {
  const own = /^skerry:([a-z-]+):([\s\S]*)$/.exec(body)
  return own ? { code: own[1] as ProblemCode, words: own[2]! } : undefined
}
