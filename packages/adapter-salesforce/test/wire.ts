/**
 * Stands between the adapter and the organisation: what is sent can be looked at, held up by what somebody else does, or answered here. A test file that uses it begins with
 * `vi.mock('@skerry/bridge/http', async (original) => (await import('./wire.ts')).onWire(await original()))`.
 */
import type { Exchange, exchange, HttpAnswer } from '@skerry/bridge/http'
import { onTestFinished } from 'vitest'

type Between = (send: () => Promise<HttpAnswer>, url: string, request: Exchange) => Promise<HttpAnswer>

let between: Between | undefined

export function onWire<Http extends { exchange: typeof exchange }>(http: Http): Http {
  return {
    ...http,
    exchange: (settings, call, request) => {
      const send = () => http.exchange(settings, call, request)
      return between ? between(send, settings.baseUrl + request.path, request) : send()
    },
  }
}

/** Until the end of the test. */
export function onRequest(run: Between): void {
  between = run
  onTestFinished(() => {
    between = undefined
  })
}

/** As the organisation would answer. */
export function answerOf(json: unknown, status = 200): HttpAnswer {
  return { kind: 'answer', status, headers: new Headers(), body: JSON.stringify(json), json }
}
