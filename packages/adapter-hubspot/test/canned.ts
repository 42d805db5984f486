/** A server that says what a test has it say, for answers that no stand-in gives: whatever stands between us and HubSpot says them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HubSpotAdapterOptions, hubspotAdapter } from '@skerry/adapter-hubspot'
import { onTestFinished } from 'vitest'

export interface Canned {
  status?: number
  /** As it goes out; an object as JSON. */
  body?: string | object
  headers?: Record<string, string>
}

const definitions = {
  results: [
    { name: 'skerry_id', type: 'string', hasUniqueValue: true },
    { name: 'title', type: 'string' },
  ],
}

/** Answers in their order; once they are used up the last one again. Definitions are always told. */
export async function startCanned(answers: readonly Canned[], options: Partial<HubSpotAdapterOptions> = {}) {
  const asked: string[] = []
  const left = [...answers]
  const server = createServer((request, response) => {
    const isAboutTypes = request.url?.startsWith('/crm/v3/properties/')
    if (!isAboutTypes) asked.push(`${request.method} ${request.url?.split('?')[0]}`)
    const answer = isAboutTypes ? { body: definitions } : left.length > 1 ? left.shift() : left[0]
    const { status = 200, body = '', headers = {} } = answer ?? {}
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    request.resume().on('end', () => response.writeHead(status, headers).end(text))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const adapter = hubspotAdapter({
    baseUrl,
    allowPrivate: true,
    token: 'pat-canned',
    types: { visits: { externalId: 'skerry_id', properties: ['title'] } },
    ...options,
  })
  return { adapter, asked }
}

/** A row as HubSpot tells it. */
export function told(id: string, properties: Record<string, string | null>, more: object = {}) {
  return {
    id,
    properties: { skerry_id: null, ...properties },
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...more,
  }
}
