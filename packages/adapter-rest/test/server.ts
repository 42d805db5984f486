/** A server of a test's own, that answers as the test says and remembers what it was asked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Asked {
  method: string
  /** Path and query. */
  url: string
  headers: Record<string, string | undefined>
  body: string
}

export interface Told {
  status?: number
  headers?: Record<string, string>
  /** A text as it is, anything else as JSON. */
  body?: unknown
}

export interface TestServer {
  baseUrl: string
  asked: Asked[]
}

export async function serve(answer: (asked: Asked) => Told | Promise<Told>): Promise<TestServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const one: Asked = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers as Asked['headers'],
      body: Buffer.concat(chunks).toString('utf8'),
    }
    asked.push(one)
    const { status = 200, headers = {}, body = '' } = await answer(one)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://localhost:${(server.address() as AddressInfo).port}`, asked }
}
