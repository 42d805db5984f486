/** Calling an HTTP API of ours with a token; what can go wrong on the way has words and a class. */
import { CliError } from './cli-error.ts'

export interface Api {
  url: string
  token: string
  /** Milliseconds until one that does not answer counts as unreachable. */
  answerMsMax: number
  /** What to say, and advise, when it does not answer. */
  unreachable: string
  /** What to advise when it does not take the token. */
  wrongToken: string
}

/** The answer's JSON; undefined when there is none (204). @throws CliError `network`, `credential`, `usage`, `failure` */
export async function callApi(api: Api, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await send(new URL(path, api.url), api, method, body)
  if (response.status === 204) return undefined
  const answer = await response.json().catch(() => undefined)
  if (response.ok) return answer
  throw refusal(response, answer, `${method} ${new URL(path, api.url)}`, api)
}

async function send(url: URL, api: Api, method: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${api.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(api.answerMsMax),
      redirect: 'error',
    })
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new CliError('network', `${method} ${url}: ${api.unreachable} (${why})`, { cause })
  }
}

function refusal({ status }: Response, answer: unknown, attempt: string, { wrongToken }: Api): CliError {
  const { detail, errors } = (answer ?? {}) as {
    detail?: unknown
    errors?: { path: string; message: string }[]
  }
  const words = typeof detail === 'string' ? detail : 'no reason given; is this the right address?'
  // The detail of a single mistake says it in full already.
  const lines = (errors ?? [])
    .filter(({ message }) => !words.includes(message))
    .map(({ path, message }) => `\n  ${path}: ${message}`)
    .join('')
  const advice = status === 401 ? `; ${wrongToken}` : ''
  const exitClass =
    status === 401 || status === 403
      ? 'credential'
      : status === 400
        ? 'usage'
        : status >= 500 || status === 429
          ? 'network'
          : 'failure'
  return new CliError(exitClass, `${attempt}: ${status}: ${words}${advice}${lines}`)
}
