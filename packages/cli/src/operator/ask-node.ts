/** Asking the node that runs on a store, from another process of the same machine (SPEC O-4). */
import { resolve } from 'node:path'
import { callApi } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import type { Terminal } from '../terminal.ts'
import { ANSWER_MS_MAX } from './limits.ts'
import { operatorFile, readOperatorFile } from './operator-file.ts'

export interface AtNode {
  /** The node's store. */
  store: string
  system?: string
  json?: boolean
}

/** Adds to a path what of these is defined. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, String(value)] as [string, string]]
  })
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** @throws CliError `network` when no node runs there; of the node's refusal */
export async function askNode(
  { store }: AtNode,
  terminal: Terminal,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const address = await readOperatorFile(resolve(terminal.folder, store))
  const advice = "start it with 'skerry bridge', or name the store of one that runs with --store"
  if (!address)
    throw new CliError(
      'network',
      `--store ${store}: no adapter node runs on it (there is no ${operatorFile(store)}); ${advice}`,
    )
  const api = {
    ...address,
    answerMsMax: ANSWER_MS_MAX,
    unreachable: `the adapter node on ${store} cannot be reached; it may have ended: ${advice}`,
    wrongToken: 'another process has its address by now; look whether the node still runs',
  }
  return callApi(api, method, path, body)
}
