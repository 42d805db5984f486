/** The template keeps step with the packages. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { collection, memoryStore, openReplica, ReplicaBase } from '@skerry/core'
import { VirtualWorld } from '@skerry/core/testing'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { CreateError } from '../src/create-error.ts'
import { checkCollectionName } from '../src/names.ts'

const template = join(import.meta.dirname, '../template')
const packages = join(import.meta.dirname, '../..')

interface Manifest {
  name: string
  version: string
  dependencies: Record<string, string>
}

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

describe('the template', () => {
  const asked = manifest(template).dependencies

  test('asks for packages as they are', () => {
    const names = Object.keys(asked).filter((name) => name.startsWith('@skerry/'))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names)
      expect(asked[name], name).toBe(`^${manifest(join(packages, name.slice('@skerry/'.length))).version}`)
  })

  test('asks for the one engine and the one zod that core asks for', () => {
    const core = manifest(join(packages, 'core')).dependencies
    for (const name of ['@automerge/automerge', 'zod']) expect(asked[name]).toBe(core[name])
  })

  test('has no name, in a file that names the collection, that a collection may take', () => {
    const files = readdirSync(join(template, 'src'))
      .map((name) => readFileSync(join(template, 'src', name), 'utf8'))
      .filter((text) => /\bvisits\b/.test(text))
    expect(files.length).toBeGreaterThan(0)
    const bound = files.flatMap(boundIn).filter((name) => /^[a-z][a-z0-9_]*$/.test(name) && name !== 'visits')
    expect(bound.length).toBeGreaterThan(0)
    for (const name of bound) expect(() => checkCollectionName(name), name).toThrow()
  })
})

describe('a name that a replica has itself', () => {
  const text = z.object({ title: z.string() })
  const opened = (...names: string[]) =>
    openReplica({
      host: new VirtualWorld(1).host(),
      store: memoryStore(),
      collections: Object.fromEntries(names.map((name) => [name, collection(name, text)])),
    })

  test('is refused by the command, as opening the replica refuses it', async () => {
    const replica = await opened()
    const has = [replica, ReplicaBase.prototype].flatMap((object) => Object.getOwnPropertyNames(object))
    await replica.close()
    const names = has.filter((name) => /^[a-z][a-z0-9_]*$/.test(name))
    expect(names.length).toBeGreaterThan(20)
    for (const name of names) {
      expect(() => checkCollectionName(name), name).toThrow(CreateError)
      await expect(opened(name), name).rejects.toThrow(TypeError)
    }
    for (const name of ['history', 'closing', 'visits']) {
      expect(() => checkCollectionName(name), name).not.toThrow()
      await (await opened(name)).close()
    }
  })
})

/** Names of imports and of constants, also of those that are taken out of an object. */
function boundIn(text: string): string[] {
  const lists = text.matchAll(/(?:import|const|function \w+\()\s*(?:type )?[{[]([^}\]]+)[}\]]/g)
  const singles = text.matchAll(/(?:const|let|function|import \* as) (\w+)|\((\w+)\) =>/g)
  return [
    ...[...lists].flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
    ...[...singles].map(([, declared, parameter]) => declared ?? parameter ?? ''),
  ]
}
