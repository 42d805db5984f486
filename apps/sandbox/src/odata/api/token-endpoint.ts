/** `POST /oauth2/token`: client credentials, as Microsoft Entra ID and SAP's authorisation servers give them. */
import type { Call } from '../../calls/call.ts'
import type { ODataWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'

export function giveToken({ settings, tokens }: ODataWorld, call: Call): Reply {
  const form = new URLSearchParams(new TextDecoder().decode(call.bytes))
  const [grant, clientId, secret] = ['grant_type', 'client_id', 'client_secret'].map(
    (name) => form.get(name) ?? '',
  ) as [string, string, string]
  if (settings.lockedOut) return denied('unauthorized_client', 'The application is disabled.')
  if (grant !== 'client_credentials') return denied('unsupported_grant_type', `'${grant}' is not supported.`)
  if (!tokens.isSecretOf(clientId, secret)) return denied('invalid_client', 'Invalid client secret provided.')
  const { tokenSeconds } = settings
  const body = {
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    access_token: tokens.issue(clientId, tokenSeconds),
  }
  return { status: 200, headers: { 'cache-control': 'no-store' }, body }
}

function denied(error: string, description: string): Reply {
  return { status: 401, body: { error, error_description: description } }
}
