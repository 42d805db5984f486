/** `POST /services/oauth2/token`: client credentials, or a refresh token. Says no lifetime: that a session has ended shows when it is used. */
import type { Call } from '../../calls/call.ts'
import type { SalesforceWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'

/** @param origin where the caller reached the organisation */
export function giveToken(world: SalesforceWorld, call: Call, origin: string): Reply {
  const form = new URLSearchParams(new TextDecoder().decode(call.bytes))
  const [grant, clientId, secret] = ['grant_type', 'client_id', 'client_secret'].map(
    (name) => form.get(name) ?? '',
  ) as [string, string, string]
  if (world.settings.lockedOut) return denied('invalid_grant', "user hasn't approved this consumer")
  if (!world.tokens.knows(clientId)) return denied('invalid_client_id', 'client identifier invalid')
  if (!world.tokens.isSecretOf(clientId, secret))
    return denied('invalid_client', 'invalid client credentials')
  if (grant === 'refresh_token') {
    const client = world.sessions.clientOfRefreshToken(form.get('refresh_token') ?? '')
    if (client !== clientId) return denied('invalid_grant', 'expired access/refresh token')
  } else if (grant !== 'client_credentials')
    return denied('unsupported_grant_type', 'grant type not supported')
  const body = world.sessions.issue(clientId, origin, world.clock.now())
  return { status: 200, headers: { 'cache-control': 'no-store' }, body }
}

function denied(error: string, description: string): Reply {
  return { status: 400, body: { error, error_description: description } }
}
