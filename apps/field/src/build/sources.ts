/** What the app is made of, as one hash: two trees of the same hash build the same app. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const app = join(import.meta.dirname, '../..')
const root = join(app, '../..')

const TEST = /\.test(-support)?\.tsx?$|(^|\/)(test|SPEC\.md)(\/|$)/

/** All that ends up in the app, or decides how. */
function sources(): string[] {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
  return [
    join(root, 'pnpm-lock.yaml'),
    ...['index.html', 'package.json', 'vite.config.ts'].map((name) => join(app, name)),
    ...[join(app, 'src'), join(app, 'public'), join(root, 'apps/demo/src')].flatMap(filesBelow),
    ...packages
      .map(({ name }) => join(root, 'packages', name, 'src'))
      .filter((folder) => existsSync(folder))
      .flatMap(filesBelow),
  ]
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

export function sourcesHash(): string {
  const hash = createHash('sha256')
  const paths = sources().map((path) => relative(root, path))
  for (const path of paths.filter((path) => !TEST.test(path)).sort())
    hash
      .update(`${path}\n`)
      .update(readFileSync(join(root, path)))
      .update('\n')
  return hash.digest('hex').slice(0, 16)
}
