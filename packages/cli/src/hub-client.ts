/** Talking to a running hub's API as an administrator; what can go wrong on the way has words and a class. */
import { CliError } from './cli-error.ts'

/** Milliseconds until a hub that does not answer counts as unreachable. */
const ANSWER_MS_MAX = 10_000

export interface HubAddress {
  /** `https://hub.example` */
  url: string
  adminToken: string
}

/** The answer's JSON; undefined when there is none (204). @throws CliError `network`, `credential`, `failure` */
export async function callHub(
  hub: HubAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  if (!URL.canParse(hub.url) || !/^https?:/.test(hub.url))
    throw new CliError(
      'usage',
      `--hub ${hub.url}: want the address of its API, like https://hub.example, not that of its sessions`,
    )
  const response = await send(new URL(path, hub.url), hub, method, body)
  if (response.status === 204) return undefined
  const answer = await response.json().catch(() => undefined)
  if (response.ok) return answer
  throw refusal(response, answer, `${method} ${new URL(path, hub.url)}`)
}

async function send(url: URL, hub: HubAddress, method: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${hub.adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      redirect: 'error',
    })
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
    throw new CliError(
      'network',
      `${method} ${url}: the hub cannot be reached (${why}); check that it runs, and that --hub is its address`,
      { cause },
    )
  }
}

function refusal({ status }: Response, answer: unknown, attempt: string): CliError {
  const { detail, errors } = (answer ?? {}) as {
    detail?: unknown
    errors?: { path: string; message: string }[]
  }
  const words = typeof detail === 'string' ? detail : 'no reason given; is this the address of a hub?'
  // The hub's detail of a single mistake says it in full already.
  const lines = (errors ?? [])
    .filter(({ message }) => !words.includes(message))
    .map(({ path, message }) => `\n  ${path}: ${message}`)
    .join('')
  const advice =
    status === 401 ? '; it was taken from SKERRY_ADMIN_TOKEN, --admin-token-file or beside --store' : ''
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
