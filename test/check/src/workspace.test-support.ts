// Builds a workspace of a few files in a temporary folder, so that a check can be shown a mistake that the real one must not have.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readWorkspace, type Workspace } from './workspace.ts'

export type BuiltWorkspace = Workspace & Disposable

/** `files` from path to text. A package.json that is not among them is added for the root, `packages/core` and `packages/hub`. */
export function buildWorkspace(files: Readonly<Record<string, string>>): BuiltWorkspace {
  const root = mkdtempSync(join(tmpdir(), 'skerry-check-'))
  const all = { ...manifests(), ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const dispose = (): void => rmSync(root, { recursive: true, force: true })
  return { ...readWorkspace(root), [Symbol.dispose]: dispose }
}

/** A package.json as this workspace writes them. */
export function manifest(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name, exports: { '.': './src/index.ts' }, ...more })
}

function manifests(): Record<string, string> {
  return {
    'package.json': JSON.stringify({ name: 'root', devDependencies: { vitest: '5.1.1' } }),
    'packages/core/package.json': manifest('@skerry/core', { devDependencies: { 'fast-check': '4.10.2' } }),
    'packages/hub/package.json': manifest('@skerry/hub', { dependencies: { '@skerry/core': 'workspace:*' } }),
  }
}
