import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CredentialError, StoreError } from '@skerry/core'
import { HubError } from '@skerry/hub'
import { expect, test } from 'vitest'
import { runHere as skerry } from '../test/in-process.ts'
import { temporaryFolder } from '../test/skerry.ts'
import { CliError } from './cli-error.ts'
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-code.ts'

const key = 'ab'.repeat(32)

test('help shows the commands and what exit codes mean', async () => {
  const { code, out } = await skerry(['--help'])
  expect(code).toBe(0)
  for (const words of ['hub', 'credential', 'inspect', 'Exit codes:', '6  network'])
    expect(out).toContain(words)
})

test.each([
  ['hub'],
  ['bridge'],
  ['bridge check'],
  ['bridge plan'],
  ['credential'],
  ['credential issue'],
  ['credential show'],
  ['credential revoke'],
  ['credential key'],
  ['enrol'],
  ['inspect'],
  ['dead list'],
  ['dead retry'],
  ['review list'],
  ['review resolve'],
  ['approval list'],
  ['approval give'],
  ['pair list'],
  ['pair decide'],
  ['merge'],
  ['reconcile'],
  ['backup'],
  ['restore'],
])('help of %s has examples, and a usage error points at it', async (command) => {
  const { code, out } = await skerry([...command.split(' '), '--help'])
  expect(code).toBe(0)
  expect(out).toContain('Examples:')
  expect(out).toContain(`$ skerry ${command}`)
  const wrong = await skerry([...command.split(' '), '--no-such-option'])
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--help') })
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await skerry(['--version'])).toMatchObject({ code: 0, out: `${version}\n` })
})

test.each([
  ['no command', []],
  ['a command that is none', ['hubb']],
  ['an option that is none', ['hub', '--prot', '1']],
  ['a port that is none', ['hub', '--port', '70000']],
  ['a missing option', ['credential', 'issue', '--subject', 'x']],
  ['a question that is none', ['inspect', 'x.db', 'everything']],
  ['a limit that is none', ['inspect', 'x.db', '--limit', '0']],
  ['a key that is none', ['credential', 'issue', '--subject', 'x', '--key', 'ab']],
  ['days beyond ten years', ['credential', 'issue', '--subject', 'x', '--key', key, '--days', '3651']],
  ['a date that is none', ['credential', 'issue', '--subject', 'x', '--key', key, '--expires', 'soon']],
  ['a date that is over', ['credential', 'issue', '--subject', 'x', '--key', key, '--expires', '2020-01-01']],
  ['no one to sign', ['credential', 'issue', '--subject', 'x', '--key', key]],
  ['an address of sessions that is none', ['bridge', '--hub', 'hub.example']],
  ['the address of the API for sessions', ['bridge', '--hub', 'https://hub.example']],
  ['a review without its version', ['review', 'resolve', 'jobs/1']],
  ['a token that is none', ['credential', 'show', 'nothing']],
])('%s is a usage error: exit code 2', async (_, args) => {
  const { code, out, err } = await skerry(args)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).not.toBe('')
})

test('no config is exit code 3, and says what to make', async () => {
  const { code, err } = await skerry(['hub'])
  expect(code).toBe(3)
  expect(err).toContain('there is no skerry.config.ts')
  expect((await skerry(['hub', '--config', 'missing.ts'])).code).toBe(3)
})

test.each([
  [
    'unknown keys',
    "export default { space: 'acme', collections: {}, hub: { prot: 7070 }, streams: { treshholds: [] }, colections: {} }",
    [
      "skerry.config.ts: unknown key 'hub.prot'; did you mean 'port'?",
      "skerry.config.ts: unknown key 'streams.treshholds'; did you mean 'thresholds'?",
      "skerry.config.ts: unknown key 'colections'; did you mean 'collections'?",
    ],
  ],
  ['no default export', "export const config = { space: 'acme' }", ['no default export']],
  [
    'an error of its own',
    "throw new Error('DATABASE_URL is not set')",
    ['cannot be loaded: DATABASE_URL is not set', 'skerry.config.ts:1)'],
  ],
  [
    'options that the schema of an adapter refuses',
    `import * as z from '${import.meta.resolve('zod')}'
z.object({ url: z.url(), keys: z.array(z.string()) }).parse({ url: 'nope', keys: [1] })`,
    ['cannot be loaded: url: Invalid URL; keys.0: Invalid input: expected string', 'skerry.config.ts:2)'],
  ],
  [
    'wrong values',
    "export default { space: '', collections: { jobs: {} }, hub: { port: 70_000 }, streams: { thresholds: [{}] } }",
    [
      'space: ',
      'collections.jobs: want a collection',
      'hub.port: ',
      'streams.thresholds.0: want a threshold',
    ],
  ],
  [
    'a collection under a name of every replica',
    "const close = { name: 'close', shape: {}, versions: {}, channels: () => [], parse: () => ({}) }; export default { space: 'acme', collections: { close } }",
    ["skerry.config.ts: collections.close: every replica has 'close' itself"],
  ],
  [
    'a rule without a collection',
    "export default { space: 'acme', collections: {}, rules: [{ name: 'r', check() {} }] }",
    ['skerry.config.ts: rules.0: want a rule'],
  ],
])('a config with %s is exit code 3, and says where', async (_, content, words) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'skerry.config.ts'), content)
  const { code, err } = await skerry(['hub'], folder)
  expect(code).toBe(3)
  for (const word of words) expect(err).toContain(word)
})

test('help and README tell the code of every class', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const { ok, ...codes } = exitCodes
  for (const [name, code] of [['done', ok], ...Object.entries(codes)]) {
    expect(exitCodesHelp).toContain(`\n  ${code}  ${name}`)
    expect(readme).toMatch(new RegExp(`\\b${code} ${name}\\b`))
  }
})

test('every class of error has its exit code', () => {
  expect(exitCodeOf(new Error('x'))).toBe(1)
  expect(exitCodeOf('x')).toBe(1)
  expect(exitCodeOf(new CliError('usage', 'x'))).toBe(2)
  expect(exitCodeOf(new CliError('config', 'x'))).toBe(3)
  expect(exitCodeOf(new HubError('config', 'x'))).toBe(3)
  expect(exitCodeOf(new CredentialError('credential-expired', 'x'))).toBe(4)
  expect(exitCodeOf(new HubError('secret-exposed', 'x'))).toBe(4)
  expect(exitCodeOf(new StoreError('locked', 'x'))).toBe(5)
  expect(exitCodeOf(new HubError('cannot-listen', 'x'))).toBe(6)
})
