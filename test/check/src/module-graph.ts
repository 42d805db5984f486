// Which file reaches which: every specifier of every source, resolved. Relative names and names of workspace packages end at
// a file; everything else is a builtin or a package from outside. A name that ends nowhere stays visible as `missing`,
// since a scanner that drops what it cannot follow finds no cycle and praises itself.

import { existsSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { readSpecifiers } from './specifiers.ts'
import type { SourceFile, Workspace, WorkspacePackage } from './workspace.ts'

export type Target =
  | { readonly kind: 'file'; readonly path: string; readonly package: WorkspacePackage | undefined }
  | { readonly kind: 'builtin' }
  | { readonly kind: 'external'; readonly package: string }
  | { readonly kind: 'missing'; readonly reason: string }

export type Import = {
  readonly from: SourceFile
  readonly specifier: string
  readonly line: number
  readonly target: Target
}

export function readImports(workspace: Workspace): Import[] {
  return workspace.files.flatMap((from) =>
    readSpecifiers(from.text).map(({ name, line }) => ({
      from,
      specifier: name,
      line,
      target: resolve(workspace, from, name),
    })),
  )
}

/** `@scope/name/sub/path` → `['@scope/name', './sub/path']`, `name` → `['name', '.']`. */
export function splitSpecifier(specifier: string): [packageName: string, subpath: string] {
  const parts = specifier.split('/')
  const taken = specifier.startsWith('@') ? 2 : 1
  const rest = parts.slice(taken).join('/')
  return [parts.slice(0, taken).join('/'), rest === '' ? '.' : `./${rest}`]
}

function resolve(workspace: Workspace, from: SourceFile, specifier: string): Target {
  if (specifier.startsWith('.')) return resolveRelative(workspace, from, specifier)
  if (isBuiltin(specifier)) return { kind: 'builtin' }
  const [name, subpath] = splitSpecifier(specifier)
  const found = workspace.packages.find((candidate) => candidate.name === name)
  if (found === undefined) return { kind: 'external', package: name }
  const file = found.exports.get(subpath)
  if (file === undefined) {
    return { kind: 'missing', reason: `${name} exports no "${subpath}" (it has ${listed(found)})` }
  }
  return existing(workspace, posix.join(found.folder, file), found)
}

function resolveRelative(workspace: Workspace, from: SourceFile, specifier: string): Target {
  const [file = ''] = specifier.split('?')
  return existing(workspace, posix.join(posix.dirname(from.path), file), undefined)
}

function existing(workspace: Workspace, path: string, owner: WorkspacePackage | undefined): Target {
  const full = join(workspace.root, path)
  if (existsSync(full) && statSync(full).isFile()) return { kind: 'file', path, package: owner }
  return { kind: 'missing', reason: `there is no file ${path}` }
}

function listed(found: WorkspacePackage): string {
  return [...found.exports.keys()].join(', ') || 'no exports'
}
