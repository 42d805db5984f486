/** The demo database: modules activated, a company at work. Making it takes a minute and more, so each machine makes it once for each set of versions, and keeps a dump. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_MS_MAX } from '../limits.ts'
import { folderFor, ownerOfServers } from '../owner.ts'
import { type Postgres, startPostgres } from '../postgres.ts'
import { commandPath, lackOf, postgresTool, trytonModules, trytonPython } from '../services.ts'
import { runTool } from '../tool.ts'
import { furnish } from './furnish.ts'
import { Office } from './office.ts'
import { people } from './people.ts'
import { startTryton, trytonSettings } from './server.ts'

const ownCache = join(import.meta.dirname, '../../../../node_modules/.cache/systems')
const NAME = 'demo'

export interface Making {
  /** Called once when it has to be made first. */
  told: (line: string) => void
  /** Aborted: nothing is left of it when the promise is rejected. */
  signal?: AbortSignal | undefined
  /** Folder of the dumps; default: one of this workspace. */
  cache?: string
}

/** Puts the demo database into a server under this name. */
export async function putDemoDatabase(postgres: Postgres, name: string, making: Making): Promise<void> {
  await postgres.createDatabase(name)
  await postgres.restore(name, await demoDump(making))
}

/** The file of the dump, which is made if this machine has none of these versions. */
export async function demoDump({ told, signal, cache = ownCache }: Making): Promise<string> {
  const lack = lackOf('tryton')
  if (lack !== undefined) throw new Error(lack)
  const file = join(cache, `tryton-${await versionsDigest()}.dump`)
  if (existsSync(file)) return file
  told('making the demo database of Tryton, once for this machine: a minute or two')
  mkdirSync(cache, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  // Statistics must keep up with a database that grows from nothing: without them activating the modules takes twenty minutes.
  const postgres = await startPostgres({ settings: { autovacuum_naptime: '1s' }, signal })
  try {
    await make(postgres, signal)
    await postgres.dump(NAME, unfinished)
    renameSync(unfinished, file)
    return file
  } finally {
    rmSync(unfinished, { force: true })
    await postgres.close()
  }
}

async function make(postgres: Postgres, signal?: AbortSignal): Promise<void> {
  await postgres.createDatabase(NAME)
  const owner = ownerOfServers()
  const folder = folderFor(owner, 'tryton-admin')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${people.admin.password}\n`)
  const env = { ...trytonSettings(postgres), TRYTONPASSFILE: passwordFile }
  const admin = (...args: string[]) =>
    runTool(commandPath('trytond-admin')!, ['-d', NAME, ...args], {
      env,
      owner,
      timeoutMs: BUILD_MS_MAX,
      signal,
    })
  try {
    await admin('--all', '--email', 'admin@example.org')
    await admin('-u', ...trytonModules, '--activate-dependencies')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const server = await startTryton(postgres, NAME, signal)
  try {
    await furnish(await Office.open(`${server.url}/${NAME}/`, people.admin.login, people.admin.password))
  } finally {
    await server.close()
  }
}

/** Of everything that the dump is made of: another version of it makes another one. */
async function versionsDigest(): Promise<string> {
  const script = [
    'import importlib.metadata as m',
    'print(sorted({(d.metadata["Name"], d.version) for d in m.distributions() if d.metadata["Name"].startswith("trytond")}))',
  ].join('\n')
  const sources = ['furnish.ts', 'people.ts', 'demo-database.ts'].map((name) =>
    readFileSync(join(import.meta.dirname, name)),
  )
  const hash = createHash('sha256')
  hash.update(await runTool(trytonPython(), ['-c', script]))
  hash.update(await runTool(postgresTool('postgres')!, ['--version']))
  hash.update(JSON.stringify(trytonModules))
  for (const source of sources) hash.update(source)
  return hash.digest('hex').slice(0, 16)
}
