// The workspace as the checks see it: its packages with what they declare, and its source files with their text.
//
//   root/            package.json, *.config.ts
//   root/packages/x  root/apps/x  root/test/x     each with a package.json of its own
//   root/test/x/y                                 an annex: a package.json that the workspace does not install

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

export type WorkspacePackage = {
  readonly name: string
  /** Folder relative to the root, `''` for the root itself. */
  readonly folder: string
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
  /** From subpath (`.`, `./testing`) to a file relative to the package folder. */
  readonly exports: ReadonlyMap<string, string>
}

export type SourceFile = {
  /** Relative to the root, forward slashes. */
  readonly path: string
  readonly text: string
  readonly owner: WorkspacePackage
  /** A file that never ships: tests, what they stand on, and tool configuration. */
  readonly isTest: boolean
}

/**
 * A folder inside a package whose package.json is outside the workspace: installed only by the command that needs it, so that nobody else pays for it. Its files
 * belong to the package around it and may use what both declare.
 */
export type Annex = {
  readonly folder: string
  readonly dependencies: ReadonlySet<string>
  readonly isInstalled: boolean
}

/** A text that is no source: Markdown, YAML, JSON. */
export type Document = { readonly path: string; readonly text: string }

export type Workspace = {
  readonly root: string
  readonly packages: readonly WorkspacePackage[]
  readonly annexes: readonly Annex[]
  readonly files: readonly SourceFile[]
  readonly documents: readonly Document[]
}

const GROUPS = ['packages', 'apps', 'test']
const SOURCE = /\.(?:ts|tsx|mts|js|jsx|mjs)$/
const DOCUMENT = /\.(?:md|ya?ml|json|html|css|sh)$/
const NEVER_SHIPPED = /(?:^|\/)(?:test|bench)\/|\.test(?:-support)?\.\w+$|\.config\.\w+$/
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'data', 'coverage'])

export function readWorkspace(root: string): Workspace {
  const folders = GROUPS.flatMap((group) =>
    listFolders(join(root, group)).map((name) => `${group}/${name}`),
  ).filter((folder) => existsSync(join(root, folder, 'package.json')))
  const packages = ['', ...folders].map((folder) => readPackage(root, folder))
  const paths = [
    ...[...GROUPS, 'docs'].flatMap((group) => listFiles(root, group)),
    ...listFiles(root, '', false),
  ]
  const annexes = paths
    .filter((path) => path.endsWith('/package.json') && !folders.includes(posix.dirname(path)))
    .map((path) => readAnnex(root, posix.dirname(path)))
  const files = paths
    .filter((path) => SOURCE.test(path))
    .map((path): SourceFile => {
      const owner = ownerOf(path, packages, annexes)
      const inside = owner.folder === '' ? path : path.slice(owner.folder.length + 1)
      const isTest = owner.folder.startsWith('test/') || owner.folder === '' || NEVER_SHIPPED.test(inside)
      return { path, text: readFileSync(join(root, path), 'utf8'), owner, isTest }
    })
  const documents = paths
    .filter((path) => DOCUMENT.test(path))
    .map((path): Document => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  return { root, packages, annexes, files, documents }
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >
  const names = (key: string): string[] => Object.keys((manifest[key] as object | undefined) ?? {})
  return {
    name: String(manifest.name),
    folder,
    dependencies: new Set([
      ...names('dependencies'),
      ...names('peerDependencies'),
      ...names('optionalDependencies'),
    ]),
    devDependencies: new Set(names('devDependencies')),
    exports: readExports(manifest.exports),
  }
}

function readAnnex(root: string, folder: string): Annex {
  const { dependencies, devDependencies } = readPackage(root, folder)
  const isInstalled = existsSync(join(root, folder, 'node_modules'))
  return { folder, dependencies: new Set([...dependencies, ...devDependencies]), isInstalled }
}

function readExports(value: unknown): Map<string, string> {
  if (typeof value === 'string') return new Map([['.', value]])
  const byPath = Object.entries((value as object | undefined) ?? {}) as [string, unknown][]
  return new Map(
    byPath.flatMap(([path, target]) => {
      const file = typeof target === 'string' ? target : (target as Record<string, unknown> | null)?.default
      return typeof file === 'string' ? [[path, file]] : []
    }),
  )
}

function ownerOf(
  path: string,
  packages: readonly WorkspacePackage[],
  annexes: readonly Annex[],
): WorkspacePackage {
  const owner = packages.find(({ folder }) => folder !== '' && path.startsWith(`${folder}/`)) ?? packages[0]
  if (owner === undefined) throw new Error(`no package owns ${path}: the workspace root has no package.json`)
  const annex = annexes.find(({ folder }) => path.startsWith(`${folder}/`))
  return annex ? { ...owner, dependencies: new Set([...owner.dependencies, ...annex.dependencies]) } : owner
}

function listFolders(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true }).flatMap((item) => (item.isDirectory() ? [item.name] : []))
}

function listFiles(root: string, folder: string, deep = true): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const path = folder === '' ? item.name : `${folder}/${item.name}`
      if (item.isDirectory()) {
        const skip = !deep || SKIPPED_FOLDERS.has(item.name) || item.name.startsWith('.')
        return skip ? [] : listFiles(root, path)
      }
      return item.isFile() ? [path] : []
    })
}
