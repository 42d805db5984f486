/** Talking to a running hub's API as an administrator. */
import { callApi } from './api-client.ts'
import { CliError } from './cli-error.ts'

/** Milliseconds until a hub that does not answer counts as unreachable. */
const ANSWER_MS_MAX = 10_000

export interface HubAddress {
  /** `https://hub.example` */
  url: string
  adminToken: string
}

/** The answer's JSON; undefined when there is none (204). @throws CliError `network`, `credential`, `usage`, `failure` */
export async function callHub(
  { url, adminToken }: HubAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CliError(
      'usage',
      `--hub ${url}: want the address of its API, like https://hub.example, not that of its sessions`,
    )
  const hub = {
    url,
    token: adminToken,
    answerMsMax: ANSWER_MS_MAX,
    unreachable: 'the hub cannot be reached; check that it runs, and that --hub is its address',
    wrongToken: 'it was taken from SKERRY_ADMIN_TOKEN, --admin-token-file or beside --store',
  }
  return callApi(hub, method, path, body)
}
