/** A PostgreSQL server of one's own: a free port on loopback, a folder that goes with it, trust and no fsync, because nothing in it outlives a test. */
import { freePort } from './free-port.ts'
import { Kept } from './kept.ts'
import { PORTS_TRIED_MAX } from './limits.ts'
import { filledFolder, ownerOfServers } from './owner.ts'
import { lackOf, postgresTool } from './services.ts'
import { runTool } from './tool.ts'

export interface PostgresOptions {
  /** Over the defaults of a throw-away server, as in `{ wal_level: 'logical' }`. */
  settings?: Record<string, string>
  /** Aborted: it does not start, or none of its tools do; once it has started, it is for its owner to close. */
  signal?: AbortSignal | undefined
}

export interface Postgres {
  host: string
  port: number
  /** Superuser, without a password. */
  user: string
  /** Without a database's name: `postgresql://skerry@127.0.0.1:55432/`. */
  url: string
  /** @param template a database to copy; nobody may be connected to it */
  createDatabase(name: string, template?: string): Promise<void>
  dropDatabase(name: string): Promise<void>
  /** Runs statements in one session; rows as text, columns with a tab between. */
  query(database: string, sql: string): Promise<string[][]>
  /** Into a file of pg_dump's own format. */
  dump(database: string, file: string): Promise<void>
  restore(database: string, file: string): Promise<void>
  /** Ends it at once and removes what it held. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const USER = 'skerry'
/** Jobs of a restore: the cores that a small machine has. */
const RESTORE_JOBS = 2

const throwAway = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  // Statements of an ERP are many and small: compiling each costs more than it gives.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** @throws when it is not installed, with how to get it */
export async function startPostgres({ settings = {}, signal }: PostgresOptions = {}): Promise<Postgres> {
  const lack = lackOf('postgres')
  if (lack !== undefined) throw new Error(lack)
  for (let tried = 1; ; tried++) {
    const port = await freePort()
    const server = await serve(port, { ...throwAway, ...settings }, signal)
    const state = await server.ready((line) => {
      if (line.includes('database system is ready to accept connections')) return 'ready'
      return line.includes('Address already in use') ? 'taken' : undefined
    }, signal)
    if (state === 'ready') return handleOf(server, port, signal)
    await server.end()
    if (tried === PORTS_TRIED_MAX) throw new Error(`PostgreSQL found no free port in ${tried} tries`)
  }
}

async function serve(port: number, settings: Record<string, string>, signal?: AbortSignal): Promise<Kept> {
  const owner = ownerOfServers()
  const making = ['-U', USER, '--auth=trust', '-E', 'UTF8', '--locale=C', '--no-sync', '-N']
  const folder = await filledFolder(owner, 'postgres', (at) =>
    runTool(postgresTool('initdb')!, ['-D', `${at}/data`, ...making], { owner, signal }),
  )
  return new Kept({
    name: 'postgres',
    command: postgresTool('postgres')!,
    args: [
      '-D',
      `${folder}/data`,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: {},
    owner,
    // Immediate shutdown: there is nothing to be saved.
    endSignal: 'SIGQUIT',
    folder,
  })
}

function handleOf(server: Kept, port: number, signal?: AbortSignal): Postgres {
  const at = ['-h', HOST, '-p', String(port), '-U', USER]
  const tool = (name: string, args: readonly string[], input?: string) =>
    runTool(postgresTool(name)!, [...at, ...args], {
      env: { PGOPTIONS: '', PGPASSWORD: '' },
      signal,
      ...(input !== undefined && { input }),
    })
  return {
    host: HOST,
    port,
    user: USER,
    url: `postgresql://${USER}@${HOST}:${port}/`,
    createDatabase: async (name, template) => {
      await tool('createdb', [...(template === undefined ? [] : ['-T', template]), name])
    },
    dropDatabase: async (name) => {
      await tool('dropdb', ['--force', name])
    },
    query: async (database, sql) => {
      const args = ['-d', database, '--no-psqlrc', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1']
      const text = await tool('psql', args, sql)
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t'))
    },
    dump: async (database, file) => {
      await tool('pg_dump', ['-Fc', '-f', file, database])
    },
    restore: async (database, file) => {
      await tool('pg_restore', ['-d', database, '-j', String(RESTORE_JOBS), '--no-owner', file])
    },
    close: () => server.end(),
  }
}
