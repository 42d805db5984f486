/** The hub: a process started by `skerry hub`, and its API. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cast } from './cast.ts'
import type { Child } from './child.ts'
import { callJson } from './http.ts'
import { logged, start } from './skerry.ts'

export interface Grant {
  subject: string
  /** Hex. */
  publicKey: string
  read: readonly string[]
  write: readonly string[]
}

/** Milliseconds that a credential of the story is good for. */
const CREDENTIAL_MS = 86_400_000

export class Hub {
  readonly process: Child
  readonly url: string
  readonly adminTokenFile: string
  readonly #token: string

  constructor(process: Child, url: string, adminTokenFile: string) {
    this.process = process
    this.url = url
    this.adminTokenFile = adminTokenFile
    this.#token = readFileSync(adminTokenFile, 'utf8').trim()
  }

  /** Where sessions are opened. */
  get syncUrl(): string {
    return `${this.url.replace('http', 'ws')}/sync`
  }

  async issue(grant: Grant): Promise<string> {
    const expiresAt = new Date(Date.now() + CREDENTIAL_MS).toISOString()
    const { token } = await this.#call<{ token: string }>('/api/v1/credentials', { ...grant, expiresAt })
    return token
  }

  /** Records held, of all collections; from the metrics, which are not rate-limited. */
  async records(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return Number(/^skerry_records (\d+)$/m.exec(text)?.[1] ?? 0)
  }

  async readings(stream: string): Promise<[number, number][]> {
    const answer = await this.#call<{ readings: [number, number][] }>(`${pathOf(stream)}?limit=100000`)
    return answer.readings
  }

  async buckets(stream: string, bucketMs: number): Promise<{ count: number; max: number }[]> {
    const answer = await this.#call<{ buckets: { count: number; max: number }[] }>(
      `${pathOf(stream)}?bucketMs=${bucketMs}`,
    )
    return answer.buckets
  }

  #call<Answer>(path: string, body?: unknown): Promise<Answer> {
    const request = { token: this.#token, ...(body !== undefined && { method: 'POST' as const, body }) }
    return callJson(`${this.url}${path}`, request)
  }
}

function pathOf(stream: string): string {
  return `/api/v1/streams/${encodeURIComponent(stream)}/readings`
}

export interface HubPlace {
  folder: string
  /** 0 for any free one. */
  port: number
  /** Folder of the built app; none is served without it. */
  app: string | undefined
}

export async function startHub(cast: Cast, { folder, port, app }: HubPlace): Promise<Hub> {
  const store = join(folder, 'hub.db')
  const child = start(cast, 'hub', ['hub', '--port', String(port), '--store', store, '--json'], {
    ...(app !== undefined && { SKERRY_DEMO_APP: app }),
  })
  const { url } = await logged(child, 'hub ready')
  return new Hub(child, String(url), `${store}.admin-token`)
}
