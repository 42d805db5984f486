/**
 * Holds every command that a document names against what there is: scripts of npm, files for node, folders for vitest, commands and options of
 * `skerry`. Whether they do what is said is the business of the packages' own tests.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { blocks, inlineCode, read, root } from './documents.ts'

const RUNNERS = /(?:^|[ (])((?:npm|npx|node|skerry) [^)>#]*)/

const commands = [
  ...blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ at, code }) =>
      code
        .trimEnd()
        .split('\n')
        .map((line) => ({ at, line: RUNNERS.exec(line)?.[1] ?? line })),
    ),
  ...inlineCode
    .filter(({ code }) => /^(?:\w+=\S+ )?(?:npm |npx |node \w+\/|skerry )/.test(code))
    .map(({ at, code }) => ({ at, line: RUNNERS.exec(code)?.[1] ?? code })),
].map(({ at, line }) => ({ at, words: line.trim().split(/\s+/) }))

const distinct = [
  ...new Map(commands.map((command) => [`${command.at} ${command.words.join(' ')}`, command])).values(),
]

test('there are commands to look at', () => {
  expect(distinct.length).toBeGreaterThan(20)
})

test.each(distinct.map(({ at, words }) => [at, words.join(' '), words] as const))(
  '%s: %s',
  (at, _, words) => {
    const [runner, ...rest] = words
    if (runner === 'npm' && rest[0] === 'create') checkCreate(rest)
    else if (runner === 'npm') checkScript(at.replace(/:\d+$/, ''), rest)
    else if (runner === 'node') expect(existsSync(join(root, rest[0] ?? ''))).toBe(true)
    else if (runner === 'npx' && rest[0] === 'skerry') checkSkerry(rest)
    else if (runner === 'npx')
      expect([rest.slice(0, 2), existsSync(join(root, rest[2] ?? ''))]).toEqual([['vitest', 'run'], true])
    else checkSkerry(words)
  },
)

/** `npm run kill -- --rounds 300`: the script is there, and the program behind it knows the option. */
function checkScript(document: string, words: string[]): void {
  const name = words[0] === 'run' ? (words[1] ?? '') : (words[0] ?? '')
  const manifests = [join(dirname(document), 'package.json'), 'package.json'].filter((path) =>
    existsSync(join(root, path)),
  )
  const scripts = Object.assign({}, ...manifests.map((path) => JSON.parse(read(path)).scripts)) as Record<
    string,
    string
  >
  expect(Object.keys(scripts)).toContain(name)
  const program = /node (\S+)/.exec(scripts[name] ?? '')?.[1]
  for (const word of words.slice(words.indexOf('--') + 1).filter((one) => one.startsWith('--')))
    expect(read(program ?? '')).toContain(word.slice(2))
}

/** `npm create skerry@latest my-app -- --collection visits`: there is such a package, and its help knows each option. */
function checkCreate([, name = '', ...words]: readonly string[]): void {
  const main = `packages/create-${name.replace(/@.*/, '')}/src/main.ts`
  const help = execFileSync(process.execPath, [main, '--help'], { cwd: root, encoding: 'utf8' })
  for (const option of words.filter((word) => word.startsWith('--') && word !== '--'))
    expect(help).toContain(`${option} `)
}

/** `skerry credential issue --subject …`: its help knows the command and each option. */
function checkSkerry([runner, ...words]: readonly string[]): void {
  expect(runner).toBe('skerry')
  const options = words.filter((word) => word.startsWith('--'))
  const command = words.slice(0, words[0] === 'credential' ? 2 : 1).filter((word) => /^[a-z]+$/.test(word))
  const help = execFileSync(process.execPath, ['packages/cli/src/main.ts', ...command, '--help'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(help).toContain(`Usage: skerry ${command.join(' ')} `)
  for (const option of options) expect(help).toContain(`${option} `)
}
