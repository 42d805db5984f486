/**
 * What suites take from `vitest`, in a page: groups, tests and what surrounds them, with vitest's own `expect`. It only registers; each test is run by its number from
 * Node (`testsInPage`), where vitest reports it. Of the options that vitest's functions take there is only what suites of the workspace use.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { exposed } from './exposed.ts'

/** Made anew for each test; what `beforeEach` puts there, tests find. */
type Context = Record<string, unknown>
type Run = (context: Context) => unknown
type Group = { before: Run[]; after: Run[] }
type Test = { path: string[]; groups: Group[]; run: Run }

const tests: Test[] = []
let path: string[] = []
let groups: Group[] = [{ before: [], after: [] }]
let finishers: (() => unknown)[] = []

export function describe(name: string, register: () => void): void {
  const outside = { path, groups }
  path = [...path, name]
  groups = [...groups, { before: [], after: [] }]
  register()
  ;({ path, groups } = outside)
}

function register(name: string, run: Run): void {
  tests.push({ path: [...path, name], groups, run })
}

/** Titles of a table are numbered: `printf` forms are vitest's own affair. */
function each<Row>(rows: readonly Row[]): (name: string, run: (...row: unknown[]) => unknown) => void {
  return (name, run) => {
    for (const [at, row] of rows.entries())
      register(`${name} (${at + 1})`, () => (Array.isArray(row) ? run(...row) : run(row)))
  }
}

export const it = Object.assign(register, { each })
export const test = Object.assign(register, { each })

export function beforeEach(run: Run): void {
  groups.at(-1)!.before.push(run)
}

export function afterEach(run: Run): void {
  groups.at(-1)!.after.push(run)
}

export function onTestFinished(run: () => unknown): void {
  finishers.push(run)
}

async function runTest(index: number): Promise<void> {
  const { groups, run } = tests[index]!
  const context: Context = {}
  finishers = []
  try {
    for (const { before } of groups)
      for (const each of before) {
        const teardown = await each(context)
        if (typeof teardown === 'function') finishers.push(() => teardown())
      }
    await run(context)
  } finally {
    for (const { after } of groups.toReversed()) for (const each of after) await each(context)
    for (const each of finishers.toReversed()) await each()
  }
}

exposed({ suiteTitles: () => tests.map((each) => each.path), suiteRun: runTest })

function makeExpect() {
  for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)
  const expect = (value: unknown, message?: string) => chai.expect(value, message)
  Object.assign(expect, chai.expect, Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT))
  setState({ assertionCalls: 0, isExpectingAssertions: false }, expect as never)
  Reflect.set(globalThis, GLOBAL_EXPECT, expect)
  return expect
}

export const expect = makeExpect()
