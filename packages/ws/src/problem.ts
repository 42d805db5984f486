/**
 * The HTTP answer to an upgrade that is refused: problem details (RFC 9457), written by hand because an upgrade has no ServerResponse.
 */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

export interface Problem {
  status: number
  /** Stable, for programs. */
  code:
    | 'not-found'
    | 'upgrade-required'
    | 'bad-handshake'
    | 'subprotocol-required'
    | 'origin-refused'
    | 'too-many-connections'
    | 'too-many-from-address'
    | 'too-many-handshakes'
    | 'draining'
  /** What was attempted, against which limit, and what to do. */
  detail: string
  retryAfterS?: number
}

/** What waiting can mend; everything else must be done otherwise. */
const retryable: readonly Problem['code'][] = [
  'too-many-connections',
  'too-many-from-address',
  'too-many-handshakes',
  'draining',
]

/** The body of a problem, in the form that the API of a hub has too: `application/problem+json`. */
export function problemBody(problem: Problem): string {
  const { status, code, detail } = problem
  const type = `urn:skerry:problem:${code}`
  const title = code.replaceAll('-', ' ')
  return JSON.stringify({ type, title, status, detail, code, retryable: retryable.includes(code) })
}

export function problemHeaders(problem: Problem): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(problem.retryAfterS === undefined ? {} : { 'retry-after': String(problem.retryAfterS) }),
    ...(problem.status === 426 ? { upgrade: 'websocket' } : {}),
  }
}

/** Answers and ends the connection; the socket is destroyed when the answer is out. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem)
  const headers = {
    ...problemHeaders(problem),
    connection: problem.status === 426 ? 'close, upgrade' : 'close',
    'content-length': String(Buffer.byteLength(body)),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // The other side may be gone before it reads why.
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`)
}
