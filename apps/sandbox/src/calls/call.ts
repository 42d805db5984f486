/** One API call as data: what came in, and what is to go out. Nothing here knows of sockets. */

import type { LedgerOperation } from '../ledger/entry.ts'
import { Problem } from '../problem.ts'

export type Call = {
  method: string
  /** With the query, as it stood in the request line. */
  path: string
  query: URLSearchParams
  headers: Headers
  bytes: Uint8Array
  /** The body was larger than the limit and is not all in `bytes`. */
  tooLarge: boolean
}

export type Answer = {
  status: number
  headers: Record<string, string>
  body: string
  /** What the call did or tried to do, one item for each row it named. */
  operations: LedgerOperation[]
}

/** Reads a body up to `bytesMax`, and stops there. */
export async function readCall(request: Request, bytesMax: number): Promise<Call> {
  const url = new URL(request.url)
  const chunks: Uint8Array[] = []
  let size = Number(request.headers.get('content-length') ?? 0)
  let tooLarge = size > bytesMax
  if (request.body && !tooLarge) {
    size = 0
    for await (const chunk of request.body) {
      size += chunk.byteLength
      tooLarge = size > bytesMax
      if (tooLarge) break
      chunks.push(chunk)
    }
  }
  return {
    method: request.method,
    path: url.pathname + url.search,
    query: url.searchParams,
    headers: request.headers,
    bytes: Buffer.concat(chunks),
    tooLarge,
  }
}

/** @throws Problem invalid-json, unsupported-media-type */
export function jsonBody(call: Call): unknown {
  const mediaType = (call.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json' && mediaType !== 'application/merge-patch+json') {
    throw new Problem(
      'unsupported-media-type',
      `"${mediaType}" was sent; application/json or application/merge-patch+json is read`,
    )
  }
  return parsedJson(call.bytes)
}

export function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Problem('invalid-json', `the body of ${bytes.length} bytes is no JSON: ${String(cause)}`)
  }
}

export function jsonAnswer(
  status: number,
  body: unknown,
  operations: LedgerOperation[] = [],
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    operations,
  }
}

export function problemAnswer(problem: Problem, path: string, operations: LedgerOperation[] = []): Answer {
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...problem.headers },
    body: JSON.stringify(problem.body(path)),
    operations,
  }
}
