/** A MariaDB server of one's own: a free port on loopback, a folder that goes with it, no password and no fsync, because nothing in it outlives a test. */
import { freePort } from './free-port.ts'
import { Kept } from './kept.ts'
import { PORTS_TRIED_MAX } from './limits.ts'
import { filledFolder, ownerOfServers } from './owner.ts'
import { commandPath, lackOf } from './services.ts'
import { runTool } from './tool.ts'

export interface MariaDbOptions {
  /** Over the defaults of a throw-away server, as in `{ 'log-bin': 'binlog' }`. */
  settings?: Record<string, string>
}

export interface MariaDb {
  host: string
  port: number
  /** May do everything, without a password. */
  user: string
  /** There is one already: `skerry`. */
  database: string
  /** Runs statements in one session; rows as text, empty cells as `NULL`. */
  query(statements: string): Promise<string[][]>
  /** Ends it at once and removes what it held. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const USER = 'root'
const DATABASE = 'skerry'

const throwAway = {
  'bind-address': HOST,
  'skip-name-resolve': '1',
  'innodb-flush-log-at-trx-commit': '0',
  'sync-binlog': '0',
  'innodb-buffer-pool-size': '16M',
  'innodb-log-file-size': '8M',
  'performance-schema': '0',
  'character-set-server': 'utf8mb4',
  'server-id': '1',
}

/** @throws when it is not installed, with how to get it */
export async function startMariaDb({ settings = {} }: MariaDbOptions = {}): Promise<MariaDb> {
  const lack = lackOf('mariadb')
  if (lack !== undefined) throw new Error(lack)
  for (let tried = 1; ; tried++) {
    const port = await freePort()
    const server = await serve(port, { ...throwAway, ...settings })
    const state = await server.ready((line) => {
      if (line.includes('ready for connections')) return 'ready'
      return line.includes('Address already in use') ? 'taken' : undefined
    })
    if (state === 'ready') return opened(server, port)
    await server.end()
    if (tried === PORTS_TRIED_MAX) throw new Error(`MariaDB found no free port in ${tried} tries`)
  }
}

async function serve(port: number, settings: Record<string, string>): Promise<Kept> {
  const owner = ownerOfServers()
  const making = ['--auth-root-authentication-method=normal', '--skip-test-db']
  const folder = await filledFolder(owner, 'mariadb', (at) =>
    runTool(commandPath('mariadb-install-db')!, ['--no-defaults', `--datadir=${at}/data`, ...making], {
      owner,
    }),
  )
  const given = Object.entries({
    datadir: `${folder}/data`,
    port: String(port),
    socket: `${folder}/socket`,
    'pid-file': `${folder}/pid`,
    ...settings,
  })
  return new Kept({
    name: 'mariadb',
    command: commandPath('mariadbd')!,
    args: ['--no-defaults', ...given.map(([name, value]) => `--${name}=${value}`)],
    env: {},
    owner,
    // There is nothing to be saved.
    endSignal: 'SIGKILL',
    folder,
  })
}

async function opened(server: Kept, port: number): Promise<MariaDb> {
  const at = [
    '--no-defaults',
    `--host=${HOST}`,
    `--port=${port}`,
    `--user=${USER}`,
    '--batch',
    '--skip-column-names',
  ]
  const query = async (statements: string, database: readonly string[] = [DATABASE]) => {
    const text = await runTool(commandPath('mariadb')!, [...at, ...database], { input: statements })
    const lines = text === '' ? [] : text.trimEnd().split('\n')
    return lines.map((line) => line.split('\t'))
  }
  await query(`CREATE DATABASE ${DATABASE}`, [])
  return { host: HOST, port, user: USER, database: DATABASE, query, close: () => server.end() }
}
