/** The template, written into the folder under the names that were asked for. The template is an app itself: it is held against the packages by the compiler. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CreateError } from './create-error.ts'
import { OWN_NODE } from './node-version.ts'

const template = join(import.meta.dirname, '../template')

/** What the template calls itself and its collection: both in one look, for the one name may contain the other. */
const NAMES = /\b(?:(my-app)|visits)\b/g

/** npm leaves `.gitignore` out of what it packs. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }

export interface AppToWrite {
  app: string
  name: string
  collection: string
  packages: ReadonlyMap<string, string> | undefined
  /** The machine's Node is too old for it. */
  ownNode: boolean
}

/** @throws CreateError `folder` */
export function writeApp({ app, name, collection, ...asked }: AppToWrite): void {
  for (const file of templateFiles()) {
    const text = readFileSync(join(template, file), 'utf8')
    const named = text.replace(NAMES, (_found, ofApp?: string) => (ofApp === undefined ? collection : name))
    const target = join(app, RENAMED[file] ?? file)
    const written = file === 'package.json' ? manifestOf(named, asked) : named
    try {
      makeFolder(dirname(target))
      writeFileSync(target, written)
    } catch (cause) {
      const why = (cause as Error).message
      throw new CreateError('folder', `${app} cannot be written: ${why}; name a folder where you may write`, {
        cause,
      })
    }
  }
}

/** One after the other: where a file system refuses them without a reason, as /proc does, Node's own way (`recursive`) tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

function templateFiles(): string[] {
  const entries = readdirSync(template, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.length + 1))
}

interface Manifest {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  overrides?: Record<string, string>
  allowScripts?: Record<string, boolean>
}

function manifestOf(text: string, { packages, ownNode }: Pick<AppToWrite, 'packages' | 'ownNode'>): string {
  const manifest = JSON.parse(text) as Manifest
  if (ownNode) takeOwnNode(manifest)
  if (packages) takePackages(manifest, packages)
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** The program comes by the package's install script, which npm asks to be named. */
function takeOwnNode(manifest: Manifest): void {
  manifest.devDependencies[OWN_NODE.name] = OWN_NODE.range
  manifest.allowScripts = { [OWN_NODE.name]: true }
}

/** Packages ask for each other by version, which no registry has: overrides say where they are. */
function takePackages(manifest: Manifest, packages: ReadonlyMap<string, string>): void {
  for (const name of Object.keys(manifest.dependencies)) {
    const place = packages.get(name)
    if (place !== undefined) manifest.dependencies[name] = place
  }
  manifest.overrides = Object.fromEntries(packages)
}
