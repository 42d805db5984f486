/** A Tryton server of one's own on a PostgreSQL of one's own: any free port of loopback. */

import { Kept } from '../kept.ts'
import { folderFor, ownerOfServers } from '../owner.ts'
import type { Postgres } from '../postgres.ts'
import { commandPath, lackOf } from '../services.ts'

export interface TrytonServer {
  /** `http://127.0.0.1:43210` */
  url: string
  /** What it said last. */
  lines: readonly string[]
  close(): Promise<void>
}

/** The database of Tryton's settings; they come from the environment. */
export function trytonSettings({ url }: Pick<Postgres, 'url'>): Record<string, string> {
  return { TRYTOND_DATABASE__URI: url, TRYTOND_DATABASE__LIST: 'False', PYTHONUNBUFFERED: '1' }
}

/** @param signal aborted: it does not start @throws when it is not installed, with how to get it */
export async function startTryton(
  postgres: Pick<Postgres, 'url'>,
  database: string,
  signal?: AbortSignal,
): Promise<TrytonServer> {
  const lack = lackOf('tryton')
  if (lack !== undefined) throw new Error(lack)
  const owner = ownerOfServers()
  const folder = folderFor(owner, 'tryton')
  const server = new Kept({
    name: 'trytond',
    command: commandPath('trytond')!,
    // It says on which port it listens only when it says everything.
    args: ['-v', '-d', database],
    // Attachments are files, below its path.
    env: { ...trytonSettings(postgres), TRYTOND_WEB__LISTEN: '127.0.0.1:0', TRYTOND_DATABASE__PATH: folder },
    owner,
    endSignal: 'SIGKILL',
    folder,
  })
  const url = await server.ready((line) => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1], signal)
  return { url, lines: server.lines, close: () => server.end() }
}
