/**
 * Who is told of changes. Only loopback addresses are taken: a stand-in that posts to any address it is given would be a
 * hole in the machine it runs on.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Connection } from '../database.ts'
import { webhookEndpointsMax } from '../limits.ts'
import { Problem } from '../problem.ts'

export type Endpoint = { id: string; url: string; secret: string; disabled: boolean }

type StoredEndpoint = Omit<Endpoint, 'disabled'> & { disabled: number }

/** Bytes of a secret we make; Standard Webhooks asks for 24 to 64. */
const secretBytes = 32

export const registrationSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).refine(isLoopback, 'only loopback addresses are called'),
  secret: z.string().refine(isSecret, 'is no secret of the form whsec_<base64 of 24 to 64 bytes>').optional(),
})

export class Endpoints {
  readonly #connection: Connection
  readonly #stored

  constructor(connection: Connection) {
    this.#connection = connection
    this.#stored = connection.prepare<[], StoredEndpoint>(
      'SELECT id, url, secret, disabled FROM endpoints ORDER BY id',
    )
  }

  /** Registering an address again keeps its id, takes a new secret if one is given, and enables it again. */
  register(url: string, secret: string | undefined): { endpoint: Endpoint; created: boolean } {
    const all = this.list()
    const known = all.find((endpoint) => endpoint.url === url)
    if (!known && all.length >= webhookEndpointsMax) {
      throw new Problem(
        'invalid-request',
        `${webhookEndpointsMax} webhook endpoints are the most; delete one first`,
      )
    }
    const endpoint = {
      id: known?.id ?? `whk_${randomUUID()}`,
      url,
      secret: secret ?? known?.secret ?? `whsec_${randomBytes(secretBytes).toString('base64')}`,
      disabled: false,
    }
    this.#connection
      .prepare('INSERT OR REPLACE INTO endpoints VALUES (:id, :url, :secret, 0)')
      .run({ id: endpoint.id, url: endpoint.url, secret: endpoint.secret })
    return { endpoint, created: known === undefined }
  }

  list(): Endpoint[] {
    return this.#stored.all().map((stored) => ({ ...stored, disabled: stored.disabled === 1 }))
  }

  byId(id: string): Endpoint | undefined {
    return this.list().find((endpoint) => endpoint.id === id)
  }

  enabled(): Endpoint[] {
    return this.list().filter((endpoint) => !endpoint.disabled)
  }

  disable(id: string): void {
    this.#connection.prepare('UPDATE endpoints SET disabled = 1 WHERE id = ?').run(id)
  }

  remove(id: string): boolean {
    return this.#connection.prepare('DELETE FROM endpoints WHERE id = ?').run(id).changes === 1
  }
}

/** Nobody else is called by a stand-in. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

function isSecret(secret: string): boolean {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  if (encoded === undefined) return false
  const size = Buffer.from(encoded, 'base64').length
  return size >= 24 && size <= 64
}
