/** OAuth of version 1: a refresh token for an access token that says how long it lives. */
import type { Call } from '../../calls/call.ts'
import { portalId } from '../apps.ts'
import { notFound } from '../refusal.ts'
import type { HubSpotWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'

export function giveToken(world: HubSpotWorld, call: Call): Reply {
  const form = new URLSearchParams(new TextDecoder().decode(call.bytes))
  const [grant = '', clientId = '', secret = '', refreshToken = ''] = [
    'grant_type',
    'client_id',
    'client_secret',
    'refresh_token',
  ].map((name) => form.get(name) ?? '')
  if (grant !== 'refresh_token') return denied('BAD_GRANT_TYPE', 'missing or unknown grant type')
  if (!world.tokens.knows(clientId)) return denied('BAD_CLIENT_ID', 'missing or unknown client id')
  if (!world.tokens.isSecretOf(clientId, secret))
    return denied('BAD_CLIENT_SECRET', 'missing or invalid client secret')
  if (world.settings.lockedOut || world.apps.clientOfRefreshToken(refreshToken) !== clientId)
    return denied('BAD_REFRESH_TOKEN', 'missing or invalid refresh token')
  const expires_in = world.settings.tokenSeconds
  const access_token = world.tokens.issue(clientId, expires_in)
  return {
    status: 200,
    body: { token_type: 'bearer', access_token, refresh_token: refreshToken, expires_in },
  }
}

/** Whose a token is. */
export function tokenInfo(world: HubSpotWorld, call: Call): Reply {
  const token = decodeURIComponent(call.path.split('/').at(-1) ?? '')
  const client = world.tokens.clientOf(token)
  if (client === undefined) throw notFound()
  return {
    status: 200,
    body: { token, user: `${client}@example.com`, hub_id: portalId, scopes: [], token_type: 'access' },
  }
}

function denied(status: string, message: string): Reply {
  return { status: 400, body: { status, message } }
}
