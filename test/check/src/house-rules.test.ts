import { describe, expect, test } from 'vitest'
import { checkHouseRules } from './house-rules.ts'
import { buildWorkspace } from './workspace.test-support.ts'

const SOURCE = 'packages/core/src/a.ts'
const TEST = 'packages/core/src/a.test.ts'

function found(file: string, text: string): string[] {
  using workspace = buildWorkspace({ [file]: text })
  return checkHouseRules(workspace).findings.map(({ rule }) => rule)
}

describe('house rules', () => {
  test.each([
    ['test-only', TEST, "test.only('x', f)"],
    ['test-only', TEST, "describe.concurrent.only('x', f)"],
    ['test-skipped', TEST, "it.skip('x', f)"],
    ['test-skipped', TEST, "test.todo('x')"],
    ['test-random', TEST, 'const a = Math.random()'],
    ['todo-without-issue', SOURCE, '// TODO later'],
    ['any-in-core', SOURCE, 'const a: any = 1'],
    ['any-in-core', SOURCE, 'const a = b as any'],
    ['any-in-core', SOURCE, 'type A = Map<string, any>'],
    ['compiler-silenced', SOURCE, '// @ts-ignore'],
    ['export-star', SOURCE, "export * from './b.ts'"],
    ['error-swallowed', SOURCE, 'try { a() } catch {}'],
    ['error-swallowed', SOURCE, 'try { a() } catch (error) {\n}'],
    ['error-swallowed', SOURCE, 'a().catch(() => {})'],
    ['attic', 'packages/core/src/helpers/a.ts', ''],
    ['attic', 'packages/core/src/utils.ts', ''],
    ['machine-path', SOURCE, `const a = '${'/home'}/ann/notes'`],
    ['machine-path', 'packages/core/README.md', `cd ${'/work'}/here`],
  ])('%s in %s: %s', (rule, file, text) => {
    expect(found(file, text)).toEqual([rule])
  })

  test.each([
    [TEST, "test.each([])('only', f)"],
    [TEST, "const text = 'test.only'"],
    [SOURCE, '// TODO #12: later'],
    [SOURCE, "const todo = 'TODO'"],
    [SOURCE, '// as any reader would'],
    [SOURCE, 'const options = { any: 1 }'],
    [SOURCE, 'const a = schemas.any'],
    ['packages/hub/src/a.ts', 'const a: any = 1'],
    [SOURCE, 'try { a() } catch {\n  // gone already, which is what we want\n}'],
    [SOURCE, "export * as limits from './limits.ts'"],
    [SOURCE, 'const path = `/api/work/1`'],
    ['packages/core/src/commons.ts', ''],
  ])('nothing in %s: %s', (file, text) => {
    expect(found(file, text)).toEqual([])
  })
})
