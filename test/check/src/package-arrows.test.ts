import { describe, expect, test } from 'vitest'
import { readImports } from './module-graph.ts'
import { checkArrows } from './package-arrows.ts'
import { buildWorkspace, manifest } from './workspace.test-support.ts'

const CORE_INDEX = { 'packages/core/src/index.ts': 'export {}' }
const HUB_INDEX = { 'packages/hub/src/index.ts': 'export {}' }

function found(files: Readonly<Record<string, string>>): string[] {
  using workspace = buildWorkspace(files)
  return checkArrows(workspace, readImports(workspace)).findings.map(({ rule, file }) => `${rule} ${file}`)
}

describe('arrows', () => {
  test('hub may know core', () => {
    expect(found({ ...CORE_INDEX, 'packages/hub/src/index.ts': "import '@skerry/core'" })).toEqual([])
  })

  test('core may not know hub, not even declared', () => {
    const files = {
      ...HUB_INDEX,
      'packages/core/package.json': manifest('@skerry/core', {
        dependencies: { '@skerry/hub': 'workspace:*' },
      }),
      'packages/core/src/index.ts': "import type { Hub } from '@skerry/hub'",
    }
    expect(found(files)).toEqual(['package-arrow packages/core/src/index.ts'])
  })

  test('packages of one layer may not know each other, apps may', () => {
    const dependencies = { '@skerry/ws': 'workspace:*', '@skerry/sandbox': 'workspace:*' }
    const files = {
      'packages/ws/package.json': manifest('@skerry/ws'),
      'packages/ws/src/index.ts': '',
      'packages/credentials/package.json': manifest('@skerry/credentials', { dependencies }),
      'packages/credentials/src/index.ts': "import '@skerry/ws'",
      'packages/node/package.json': manifest('@skerry/node', { dependencies }),
      'packages/node/src/index.ts': "import '@skerry/ws'",
      'apps/sandbox/package.json': manifest('@skerry/sandbox'),
      'apps/sandbox/src/index.ts': '',
      'apps/demo/package.json': manifest('@skerry/demo', { dependencies }),
      'apps/demo/src/index.ts': "import '@skerry/sandbox'\nimport '@skerry/ws'",
    }
    expect(found(files)).toEqual(['package-arrow packages/credentials/src/index.ts'])
  })

  test('adapter-* stands above bridge and below cli', () => {
    const on = (name: string) => ({ dependencies: { [name]: 'workspace:*' } })
    const files = {
      'packages/bridge/package.json': manifest('@skerry/bridge', on('@skerry/adapter-rest')),
      'packages/bridge/src/index.ts': "import '@skerry/adapter-rest'",
      'packages/adapter-rest/package.json': manifest('@skerry/adapter-rest', on('@skerry/bridge')),
      'packages/adapter-rest/src/index.ts': "import '@skerry/bridge'",
      'packages/cli/package.json': manifest('@skerry/cli', on('@skerry/adapter-rest')),
      'packages/cli/src/index.ts': "import '@skerry/adapter-rest'",
    }
    expect(found(files)).toEqual(['package-arrow packages/bridge/src/index.ts'])
  })

  test('a package without a layer is a finding', () => {
    expect(found({ 'packages/attic/package.json': manifest('@skerry/attic') })).toEqual([
      'package-layer packages/attic/package.json',
    ])
  })
})

describe('declarations', () => {
  test('a source may use dependencies only; a test also devDependencies, the root ones and its own name', () => {
    const files = {
      'packages/core/src/index.ts': "import 'fast-check'",
      'packages/core/src/a.test.ts':
        "import 'fast-check'\nimport 'vitest'\nimport '@skerry/core'\nimport 'lodash'",
      'packages/core/src/b.ts': "import 'vitest'",
    }
    expect(found(files)).toEqual([
      'import-undeclared packages/core/src/a.test.ts',
      'import-undeclared packages/core/src/b.ts',
      'import-undeclared packages/core/src/index.ts',
    ])
  })

  test('an annex may also use what its own package.json names, the package around it may not', () => {
    const files = {
      'packages/hub/src/a.ts': "import 'lodash'",
      'packages/hub/annex/package.json': manifest('annex', { devDependencies: { lodash: '4' } }),
      'packages/hub/annex/b.ts': "import 'lodash'\nimport '@skerry/core'",
      ...CORE_INDEX,
    }
    expect(found(files)).toEqual(['import-undeclared packages/hub/src/a.ts'])
  })

  test('what leads nowhere is a finding: file, subpath, neighbour folder', () => {
    const files = {
      ...CORE_INDEX,
      'packages/core/src/deep.ts': '',
      'packages/hub/src/a.ts': "import './gone.ts'",
      'packages/hub/src/b.ts': "import '@skerry/core/src/deep.ts'",
      'packages/hub/src/c.ts': "import '../../core/src/deep.ts'",
    }
    expect(found(files)).toEqual([
      'import-missing packages/hub/src/a.ts',
      'import-missing packages/hub/src/b.ts',
      'import-leaves-package packages/hub/src/c.ts',
    ])
  })

  test('a test does not climb three folders, a source may', () => {
    const files = {
      ...CORE_INDEX,
      'packages/core/src/x/y/z/a.test.ts': "import '../../../index.ts'",
      'packages/core/src/x/y/z/b.ts': "import '../../../index.ts'",
    }
    expect(found(files)).toEqual(['test-climbs packages/core/src/x/y/z/a.test.ts'])
  })
})
