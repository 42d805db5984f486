/** Many requests in one call, each with its own answer, in their order (SPEC OD-30 to OD-32). */
import { randomUUID } from 'node:crypto'
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, JSON_MEDIA_TYPE, purposeOf, type Request, type Told } from './client.ts'
import { multipartOf, type Part, partsOf } from './multipart.ts'

/** Statuses come as numbers, and from some services as text. */
const responsesSchema = z.object({
  responses: z.array(
    z.object({
      id: z.coerce.string(),
      status: z.coerce.number().int(),
      headers: z.record(z.string(), z.coerce.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
})

export class Batch {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** @param requests at most BATCH_PARTS_MAX */
  async send(requests: readonly Request[], call: Call): Promise<(Told | Failure)[]> {
    const [only, ...more] = requests
    if (!only) return []
    if (more.length === 0) return [await this.#client.send(only, call)]
    const { batch } = this.#client.config
    const whole = batch === 'multipart' ? this.#multipart(requests) : this.#json(requests)
    const purpose = requests.every((one) => purposeOf(one) === 'read') ? 'read' : 'write'
    const told = await this.#client.send({ ...whole, purpose }, call)
    if (told.kind !== 'told') return requests.map(() => told)
    if (told.meaning !== 'done') return requests.map(() => this.#client.failure(told))
    const parts =
      batch === 'multipart'
        ? partsOf(told.headers.get('content-type'), told.text)
        : jsonPartsOf(requests, told)
    if (!parts || parts.length > requests.length) {
      const failure: Failure = { kind: 'unknown', reason: `${told.about}: the answer is no batch of answers` }
      return requests.map(() => failure)
    }
    const isStopped = (parts.at(-1)?.status ?? 0) >= 400
    return requests.map((request, i) => {
      const part = parts[i]
      if (part) return this.#client.told(part, request)
      const reason = `${told.about}: no answer to part ${i + 1} of ${requests.length}`
      // A service that stops at the first failure does not touch what comes after it.
      return { kind: isStopped ? 'later' : 'unknown', reason }
    })
  }

  #multipart(requests: readonly Request[]): Request {
    const { partAddress, serviceUrl } = this.#client.config
    const prefix = partAddress === 'from-origin' ? new URL(serviceUrl).pathname : ''
    const parts = requests.map((one) => ({ ...one, path: prefix === '' ? one.path.slice(1) : one.path }))
    const { type, text } = multipartOf(parts, prefix, randomUUID())
    return {
      method: 'POST',
      path: '/$batch',
      text,
      headers: { 'content-type': type, accept: 'multipart/mixed', prefer: 'odata.continue-on-error' },
    }
  }

  #json(requests: readonly Request[]): Request {
    const body = {
      requests: requests.map(({ method, path, headers, body }, i) => ({
        id: String(i + 1),
        method,
        url: path.slice(1),
        headers: {
          accept: JSON_MEDIA_TYPE,
          ...(body !== undefined && { 'content-type': JSON_MEDIA_TYPE }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      })),
    }
    return {
      method: 'POST',
      path: '/$batch',
      body,
      headers: { prefer: 'continue-on-error, odata.continue-on-error', 'odata-maxversion': '4.01' },
    }
  }
}

/** In the order of the requests, whatever order they came in; up to the first that is missing. */
function jsonPartsOf(requests: readonly Request[], told: Told): Part[] | undefined {
  const { data } = responsesSchema.safeParse(told.body)
  if (!data) return undefined
  const byId = new Map(data.responses.map((response) => [response.id, response]))
  const parts: Part[] = []
  for (let i = 0; i < requests.length; i++) {
    const response = byId.get(String(i + 1))
    if (!response) break
    const { status, headers, body } = response
    parts.push({
      status,
      headers: headersOf(headers ?? {}),
      text: body === undefined ? '' : JSON.stringify(body),
    })
  }
  return parts.length === byId.size ? parts : undefined
}

function headersOf(record: Readonly<Record<string, string>>) {
  const byName = new Map(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]))
  return { get: (name: string) => byName.get(name.toLowerCase()) ?? null }
}
