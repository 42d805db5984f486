/** The template, written into the folder under the names that were asked for. The template is an app itself: it is held against the packages by the compiler. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const template = join(import.meta.dirname, '../template')

/** What the template calls itself and its collection. */
const APP_NAME = /\bmy-app\b/g
const COLLECTION = /\bvisits\b/g

/** npm leaves `.gitignore` out of what it packs. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }

export interface AppToWrite {
  app: string
  name: string
  collection: string
  packages: ReadonlyMap<string, string> | undefined
}

export function writeApp({ app, name, collection, packages }: AppToWrite): void {
  for (const file of templateFiles()) {
    const text = readFileSync(join(template, file), 'utf8')
    const named = text.replace(APP_NAME, name).replace(COLLECTION, collection)
    const target = join(app, RENAMED[file] ?? file)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, file === 'package.json' && packages ? withPackages(named, packages) : named)
  }
}

function templateFiles(): string[] {
  const entries = readdirSync(template, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.length + 1))
}

interface Manifest {
  dependencies: Record<string, string>
  overrides?: Record<string, string>
}

/** Packages ask for each other by version, which no registry has: overrides say where they are. */
function withPackages(text: string, packages: ReadonlyMap<string, string>): string {
  const manifest = JSON.parse(text) as Manifest
  for (const name of Object.keys(manifest.dependencies)) {
    const place = packages.get(name)
    if (place !== undefined) manifest.dependencies[name] = place
  }
  manifest.overrides = Object.fromEntries(packages)
  return `${JSON.stringify(manifest, null, 2)}\n`
}
