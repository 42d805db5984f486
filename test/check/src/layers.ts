// The picture of the packages as data: an arrow may only point to a lower layer. A package that is not named here is a finding,
// so nobody adds one without saying where it stands.
//
//   6  apps/*                     may use each other; create-skerry, which makes one and stands alone
//   5  cli
//   4  adapter-*  devtools
//   3  hub  bridge  tabs
//   2  node  browser  lan  streams  react  blobs
//   1  store-sqlite  store-idb  ws  credentials  live
//   0  core

import type { WorkspacePackage } from './workspace.ts'

export type Layer = {
  readonly height: number
  /** Whether packages of this layer may import one another. File cycles stay forbidden either way. */
  readonly mixes: boolean
}

const HEIGHT_BY_PACKAGE: ReadonlyMap<string, number> = new Map([
  ['core', 0],
  ['store-sqlite', 1],
  ['store-idb', 1],
  ['ws', 1],
  ['credentials', 1],
  ['live', 1],
  ['node', 2],
  ['browser', 2],
  ['lan', 2],
  ['streams', 2],
  ['react', 2],
  ['blobs', 2],
  ['hub', 3],
  ['bridge', 3],
  ['tabs', 3],
  ['devtools', 4],
  ['cli', 5],
  ['create-skerry', 6],
])
const ADAPTER_HEIGHT = 4
const APP_HEIGHT = 6
const TEST_HEIGHT = 7

/** `undefined` for a package that has no place yet. */
export function layerOf({ folder }: WorkspacePackage): Layer | undefined {
  const [group, name = ''] = folder.split('/')
  if (group === 'apps') return { height: APP_HEIGHT, mixes: true }
  if (group === 'test' || group === '') return { height: TEST_HEIGHT, mixes: true }
  if (name.startsWith('adapter-')) return { height: ADAPTER_HEIGHT, mixes: false }
  const height = HEIGHT_BY_PACKAGE.get(name)
  return height === undefined ? undefined : { height, mixes: false }
}
