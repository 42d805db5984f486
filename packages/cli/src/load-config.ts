/** Finding and loading the config file: Node runs TypeScript as it is, so the file is imported like any module. */
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { CliError } from './cli-error.ts'
import { checkConfig, type SkerryConfig } from './config.ts'

const CONFIG_FILES = ['skerry.config.ts', 'skerry.config.js', 'skerry.config.mjs'] as const

/** The file named, or the first of CONFIG_FILES in `folder`; undefined when none is named and none is there. @throws CliError `config` */
export function findConfig(named: string | undefined, folder: string): string | undefined {
  if (named === undefined) return CONFIG_FILES.map((file) => resolve(folder, file)).find(existsSync)
  const path = resolve(folder, named)
  if (!existsSync(path)) throw new CliError('config', `${named}: there is no such file (looked for ${path})`)
  return path
}

/** @throws CliError `config` */
export async function loadConfig(
  named: string | undefined,
  folder: string,
): Promise<{ config: SkerryConfig; path: string }> {
  const path = findConfig(named, folder)
  if (path === undefined) {
    throw new CliError(
      'config',
      `no config: there is no ${CONFIG_FILES[0]} in ${folder}; make one, or name it with --config`,
    )
  }
  const file = relative(folder, path)
  const module = await importFrom(path, file)
  if (module.default === undefined)
    throw new CliError(
      'config',
      `${file}: it has no default export; write: export default defineConfig({ … })`,
    )
  return { config: checkConfig(module.default, file), path }
}

async function importFrom(path: string, file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (cause) {
    const why = issuesOf(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    const place = cause instanceof SyntaxError ? placeOfSyntaxError(cause, path) : ownPlace(cause, path)
    const where = place === undefined ? '' : ` (${place})`
    throw new CliError('config', `${file}: it cannot be loaded: ${why}${where}`, { cause })
  }
}

/** What a schema of zod, of whichever copy, has against the options of an adapter: its own message is a page of JSON. */
function issuesOf(cause: unknown): string | undefined {
  const { issues } = (cause ?? {}) as { issues?: { path?: PropertyKey[]; message?: string }[] }
  if (!Array.isArray(issues) || issues.length === 0) return undefined
  const told = issues.map(({ path = [], message }) => [path.map(String).join('.'), message])
  return told.map(([place, message]) => (place ? `${place}: ${message}` : message)).join('; ')
}

/** `/srv/skerry.config.ts:12`. Node has it in front of the stack of an error in TypeScript; in JavaScript it tells only whoever asks for a check. */
function placeOfSyntaxError(cause: SyntaxError, path: string): string | undefined {
  const place = /^.+:\d+(?=\n)/
  const checked = () => spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' }).stderr
  const [found] = place.exec(cause.stack ?? '') ?? place.exec(checked()) ?? []
  return found && pathOf(found)
}

/** `/srv/src/collections.ts:12`: of the error's stack, the innermost place beside or below the config that is in no package. Who wrote the config can mend it there. */
function ownPlace(cause: unknown, path: string): string | undefined {
  const folder = `${dirname(realpathSync(path))}${sep}`
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  const frames = stack.matchAll(/(?:\(|at (?:async )?)([^(\n]+:\d+):\d+\)?$/gm)
  const places = Array.from(frames, ([, place = '']) => pathOf(place))
  return places.find((place) => place.startsWith(folder) && !place.includes(`${sep}node_modules${sep}`))
}

/** Of a place that may be told as a URL. */
function pathOf(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(place) : place
}
