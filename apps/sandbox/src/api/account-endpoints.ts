/** The endpoints around the rows: tokens, and the webhook endpoints of a client. */
import * as z from 'zod'
import { type Call, jsonAnswer, parsedJson } from '../calls/call.ts'
import { checked, Problem } from '../problem.ts'
import { registrationSchema } from '../webhooks/endpoints.ts'
import type { Endpoint } from './endpoint.ts'

const tokenSchema = z.object({
  grant_type: z.literal('client_credentials').default('client_credentials'),
  client_id: z.string(),
  client_secret: z.string(),
})

/** Reads a form, as RFC 6749 asks, or JSON. */
export const issueToken: Endpoint = ({ world, call }) => {
  const { client_id, client_secret } = checked(tokenSchema, formOrJson(call), 'invalid-request')
  if (!world.tokens.isSecretOf(client_id, client_secret)) {
    throw new Problem('invalid-client', `no client "${client_id}" with that secret`, {
      members: { error: 'invalid_client' },
    })
  }
  const { tokenSeconds } = world.settings
  const token = {
    access_token: world.tokens.issue(client_id, tokenSeconds),
    token_type: 'Bearer',
    expires_in: tokenSeconds,
  }
  return jsonAnswer(200, token, [], { 'cache-control': 'no-store' })
}

/** The only answer that shows the secret. Registering an address again is 200 with the same id. */
export const registerWebhook: Endpoint = ({ world, call, client }) =>
  world.storedAnswers.once(call, client, () => {
    const { url, secret } = checked(registrationSchema, parsedJson(call.bytes), 'invalid-request')
    const { endpoint, created } = world.endpoints.register(url, secret)
    return jsonAnswer(created ? 201 : 200, endpoint)
  })

export const listWebhooks: Endpoint = ({ world }) =>
  jsonAnswer(200, {
    webhooks: world.endpoints.list().map(({ id, url, disabled }) => ({ id, url, disabled })),
  })

export const removeWebhook: Endpoint = ({ world, param }) => {
  if (world.endpoints.remove(param('id'))) return { status: 204, headers: {}, body: '', operations: [] }
  throw new Problem('not-found', `there is no webhook ${param('id')}`)
}

function formOrJson(call: Call): unknown {
  const mediaType = call.headers.get('content-type') ?? ''
  if (!mediaType.startsWith('application/x-www-form-urlencoded')) return parsedJson(call.bytes)
  return Object.fromEntries(new URLSearchParams(new TextDecoder().decode(call.bytes)))
}
