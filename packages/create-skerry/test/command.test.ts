/** What the command makes, and what it refuses, in which words. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createApp } from '../src/create-app.ts'
import { EmptyFolder } from './empty-folder.test-support.ts'

const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

describe('an app', () => {
  test('is written under the names that were asked for', () => {
    using folder = new EmptyFolder()
    const { status, out, said } = folder.create('field-work', '--collection', 'site_visits', '--no-install')
    expect({ status, said }).toEqual({ status: 0, said: '' })
    expect(out).toContain('Now: cd field-work && npm install && npm start')
    const app = join(folder.path, 'field-work')
    expect(JSON.parse(read(app, 'package.json'))).toMatchObject({ name: 'field-work', private: true })
    expect(read(app, 'src/collections.ts')).toContain("export const site_visits = collection('site_visits'")
    expect(read(app, '.gitignore')).toContain('hub.db*')
    const files = readdirSync(app, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
    for (const { parentPath, name } of files)
      expect(read(parentPath, name), name).not.toMatch(/\bvisits\b|\bmy-app\b/)
  })

  test.each(['visits-app', 'visits'])('%s keeps its name, whatever its collection is called', (name) => {
    using folder = new EmptyFolder()
    expect(folder.create(name, '--collection', 'jobs', '--no-install').said).toBe('')
    const app = join(folder.path, name)
    expect(JSON.parse(read(app, 'package.json')).name).toBe(name)
    expect(read(app, 'skerry.config.ts')).toContain(`space: '${name}'`)
    expect(read(app, 'src/names.ts')).toContain(`NAME = '${name}'`)
    expect(read(app, 'README.md')).toContain(`# ${name}\n`)
    expect(read(app, 'src/collections.ts')).toContain("export const jobs = collection('jobs'")
  })

  test('goes into an empty folder that is there', () => {
    using folder = new EmptyFolder()
    mkdirSync(join(folder.path, 'here'))
    expect(folder.create('here', '--no-install').status).toBe(0)
    expect(existsSync(join(folder.path, 'here/start.ts'))).toBe(true)
  })

  test('brings its own Node where that of the machine is too old', async () => {
    using folder = new EmptyFolder()
    const asked = async (nodeVersion: string) => {
      const said: string[] = []
      const name = `on-${nodeVersion}`
      const surroundings = { folder: folder.path, nodeVersion, print: (text: string) => said.push(text) }
      await createApp([name, '--no-install'], surroundings)
      return {
        own: JSON.parse(read(folder.path, name, 'package.json')).devDependencies.node,
        said: said.join(),
      }
    }
    expect(await asked('v20.20.2')).toEqual({
      own: '^24.0.0',
      said: expect.stringContaining('Node is v20.20.2'),
    })
    expect(await asked('24.0.0')).toEqual({ own: undefined, said: expect.not.stringContaining('Node is') })
  })

  test('takes packages from tarballs when it is told where', () => {
    using folder = new EmptyFolder()
    mkdirSync(join(folder.path, 'packed'))
    for (const name of ['core', 'store-sqlite'])
      writeFileSync(join(folder.path, `packed/skerry-${name}-0.1.0.tgz`), '')
    expect(folder.create('app', '--packages', 'packed', '--no-install').status).toBe(0)
    const { dependencies, overrides } = JSON.parse(read(folder.path, 'app/package.json'))
    const core = `file:${join(folder.path, 'packed/skerry-core-0.1.0.tgz')}`
    expect(dependencies['@skerry/core']).toBe(core)
    expect(overrides).toEqual({
      '@skerry/core': core,
      '@skerry/store-sqlite': core.replace('skerry-core', 'skerry-store-sqlite'),
    })
  })
})

describe('packages that are packed for it', () => {
  const asked = async (folder: EmptyFolder, ...words: readonly string[]) => {
    let times = 0
    const packed = async () => {
      times++
      mkdirSync(join(folder.path, 'packed'))
      writeFileSync(join(folder.path, 'packed/skerry-core-0.1.0.tgz'), '')
      return join(folder.path, 'packed')
    }
    const surroundings = { folder: folder.path, nodeVersion: '24.0.0', print: () => undefined, packed }
    const refused = await createApp(words, surroundings).then(
      () => undefined,
      (error: Error) => error.message,
    )
    return { times, refused }
  }

  test('are what the app asks for', async () => {
    using folder = new EmptyFolder()
    expect(await asked(folder, 'app', '--no-install')).toEqual({ times: 1, refused: undefined })
    const { dependencies } = JSON.parse(read(folder.path, 'app/package.json'))
    expect(dependencies['@skerry/core']).toBe(`file:${join(folder.path, 'packed/skerry-core-0.1.0.tgz')}`)
  })

  test.each([
    [['My App'], "cannot be the app's name"],
    [['app', '--collection', 'Site Visits'], 'for example site_visits'],
    [['app', '--colection', 'visits'], "Unknown option '--colection'"],
    [['taken'], 'taken is not empty (mine.txt)'],
    [['app', '--packages', 'nowhere'], 'there is no skerry-*.tgz in it'],
  ])('are not made for %j, which is refused', async (words, why) => {
    using folder = new EmptyFolder()
    mkdirSync(join(folder.path, 'taken'))
    writeFileSync(join(folder.path, 'taken/mine.txt'), 'mine')
    expect(await asked(folder, ...words)).toEqual({ times: 0, refused: expect.stringContaining(why) })
  })
})

describe('a refusal makes nothing and says why', () => {
  test.each([
    { words: [], status: 2, why: 'say where the app goes' },
    { words: ['a', 'b'], status: 2, why: "'b' is too much" },
    { words: ['My App'], status: 2, why: "'My App' cannot be the app's name: lower-case letters" },
    { words: ['a'.repeat(64)], status: 2, why: 'at most 63' },
    { words: ['app', '--collection', 'Site Visits'], status: 2, why: 'for example site_visits' },
    { words: ['app', '--collection', 'text'], status: 2, why: "the app's code uses this word itself" },
    {
      words: ['app', '--collection', 'close'],
      status: 2,
      why: 'every replica has a property of this name itself',
    },
    { words: ['app', '--colection', 'visits'], status: 2, why: "Unknown option '--colection'" },
    { words: ['app', '--packages', 'nowhere'], status: 1, why: 'there is no skerry-*.tgz in it' },
  ])('$words', ({ words, status, why }) => {
    using folder = new EmptyFolder()
    const answer = folder.create(...words)
    expect(answer).toMatchObject({ status, out: '' })
    expect(answer.said).toContain(why)
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('of a folder that is not empty, which stays as it is', () => {
    using folder = new EmptyFolder()
    mkdirSync(join(folder.path, 'app'))
    writeFileSync(join(folder.path, 'app/mine.txt'), 'mine')
    const { status, said } = folder.create('app')
    expect({ status, said }).toMatchObject({
      status: 1,
      said: expect.stringContaining('is not empty (mine.txt)'),
    })
    expect(readdirSync(join(folder.path, 'app'))).toEqual(['mine.txt'])
  })

  test('of a file', () => {
    using folder = new EmptyFolder()
    writeFileSync(join(folder.path, 'app'), 'mine')
    const { status, said } = folder.create('app')
    expect({ status, said }).toMatchObject({ status: 1, said: expect.stringContaining('app is a file') })
  })

  test.runIf(process.platform === 'linux').each(['/proc/nothing/app', '/proc/app', '/sys/app'])(
    'of a place where nobody can write: %s',
    (path) => {
      using folder = new EmptyFolder()
      const { status, out, said } = folder.create(path)
      expect({ status, out }).toEqual({ status: 1, out: '' })
      expect(said).toContain(`create-skerry: ${path} cannot be written: `)
      expect(said).toContain('name a folder where you may write')
    },
  )
})

test.skipIf(process.platform === 'win32')('Ctrl-C while packages are installed says what is there', () => {
  using folder = new EmptyFolder()
  const commands = join(folder.path, 'commands')
  mkdirSync(commands)
  // A terminal signals both.
  writeFileSync(join(commands, 'npm'), '#!/bin/sh\nkill -INT $PPID\nexit 130\n', { mode: 0o755 })
  const { status, said } = folder.createBeside(`${commands}:${process.env.PATH}`, 'app')
  expect(status).toBe(1)
  expect(said).toContain('npm install ended with 130; the app is in')
  expect(folder.create('app').said).toContain('packages are not installed: run npm install there')
})

test('help names every option, and asks nothing', () => {
  using folder = new EmptyFolder()
  const { status, out } = folder.create('--help')
  expect(status).toBe(0)
  for (const option of ['--collection', '--no-install', '--packages', '--version'])
    expect(out).toContain(option)
  expect(folder.create('--version').out.trim()).toMatch(/^\d+\.\d+\.\d+$/)
})
