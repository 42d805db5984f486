/** What real systems need of this machine, and how to get what is not there. Nothing is installed by looking. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Service = 'postgres' | 'mariadb' | 'tryton'

/** Modules of the demo database; Tryton adds what they depend on. */
export const trytonModules = ['party', 'sale', 'stock', 'project', 'sale_opportunity'] as const

const packages: Readonly<Record<Service, readonly string[]>> = {
  postgres: ['postgresql'],
  mariadb: ['mariadb-server'],
  tryton: [
    'postgresql',
    'python3-psycopg2',
    'tryton-server',
    ...trytonModules.map((module) => `tryton-modules-${module.replaceAll('_', '-')}`),
  ],
}

const looks: Readonly<Record<Service, () => boolean>> = {
  postgres: () => postgresTool('initdb') !== undefined,
  mariadb: () => commandPath('mariadb-install-db') !== undefined && commandPath('mariadbd') !== undefined,
  tryton: () => looks.postgres() && commandPath('trytond') !== undefined && hasPythonModules(),
}

/** Services that were found; a look takes a process, which Ctrl-C ends too, and what was here once is not looked for again. */
const found = new Set<Service>()

/** A sentence on how to get it; undefined when it is there. */
export function lackOf(service: Service): string | undefined {
  if (found.has(service) || looks[service]()) {
    found.add(service)
    return undefined
  }
  return `${service} is not installed here: apt-get install --no-install-recommends ${packages[service].join(' ')}`
}

/** A program of PostgreSQL's, of the newest version there is; Debian keeps them off the search path. */
export function postgresTool(name: string): string | undefined {
  const versions = globSync(`/usr/lib/postgresql/*/bin/${name}`)
  const newest = versions.sort((a, b) => versionIn(a) - versionIn(b)).at(-1)
  return newest ?? commandPath(name)
}

export function commandPath(name: string): string | undefined {
  // Where servers are, and not everybody looks.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

function versionIn(path: string): number {
  return Number(/postgresql\/([\d.]+)\//.exec(path)?.[1] ?? 0)
}

function hasPythonModules(): boolean {
  const names = ['psycopg2', ...trytonModules.map((module) => `trytond.modules.${module}`)]
  const script =
    'import importlib.util as u, sys; sys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))'
  try {
    execFileSync(trytonPython(), ['-c', script, ...names], { stdio: 'ignore' })
    return true
  } catch {
    return false // a module is missing, or there is no Python at all
  }
}

/** The interpreter that Tryton runs in: it has its modules, and the first one on the search path may be another. */
export function trytonPython(): string {
  const [, interpreter] = /^#!(\S+)/.exec(readFileSync(commandPath('trytond')!, 'utf8')) ?? []
  return interpreter ?? 'python3'
}
