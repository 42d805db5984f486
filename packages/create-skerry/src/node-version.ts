/** Which Node the app will be started with, and what to do where it is too old. */
import { spawnSync } from 'node:child_process'

/** It runs TypeScript as it is, and has what the packages need. */
const NODE_MAJOR_MIN = 24

/** As a package of npm, which brings the program: scripts of the app find it before the machine's own. */
export const OWN_NODE = { name: 'node', range: `^${NODE_MAJOR_MIN}.0.0` } as const

export function isTooOld(version: string): boolean {
  return Number.parseInt(version.replace(/^v/, ''), 10) < NODE_MAJOR_MIN
}

/** That of the npm that called us, which will be the app's too; a workspace may have put another one before us. */
export function machinesNode(npmsNode: string | undefined): string {
  if (npmsNode === undefined || npmsNode === process.execPath) return process.versions.node
  const { status, stdout } = spawnSync(npmsNode, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : process.versions.node
}
