/**
 * Who may upgrade (A-rules of SPEC.md): looks at an upgrade request and the counts of this moment, and says what is wrong with it, or
 * nothing. Credentials are not looked at here: a session shows them.
 */
import type { IncomingMessage } from 'node:http'
import { SUBPROTOCOL } from './limits.ts'
import type { Problem } from './problem.ts'

export interface Doors {
  path: string
  originAllowed: (origin: string | undefined) => boolean
  connectionsMax: number
  perAddressMax: number
}

export interface Crowd {
  connections: number
  fromAddress: number
  draining: boolean
}

export function admission(
  request: IncomingMessage,
  doors: Doors,
  crowd: Crowd,
): Omit<Problem, 'retryAfterS'> | undefined {
  const path = (request.url ?? '').split('?', 1)[0]
  if (path !== doors.path)
    return {
      status: 404,
      code: 'not-found',
      detail: `upgrade of ${path}: replicas are synced at ${doors.path}`,
    }
  const { origin } = request.headers
  if (!doors.originAllowed(origin))
    return {
      status: 403,
      code: 'origin-refused',
      detail: `upgrade from origin ${origin ?? '(none)'}: not in the allow list`,
    }
  if (!offered(request).includes(SUBPROTOCOL))
    return {
      status: 400,
      code: 'subprotocol-required',
      detail: `upgrade without subprotocol: offer ${SUBPROTOCOL}`,
    }
  if (crowd.draining)
    return { status: 503, code: 'draining', detail: 'upgrade refused: this hub is stopping; come back later' }
  if (crowd.connections >= doors.connectionsMax) {
    const detail = `upgrade refused: ${crowd.connections} connections, at most ${doors.connectionsMax}; come back later`
    return { status: 503, code: 'too-many-connections', detail }
  }
  if (crowd.fromAddress >= doors.perAddressMax) {
    const detail = `upgrade refused: ${crowd.fromAddress} connections from this address, at most ${doors.perAddressMax}`
    return { status: 429, code: 'too-many-from-address', detail }
  }
  return undefined
}

function offered(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}
