/** What a folder is served with besides its files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { served } from '@skerry/browser-test/served'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-served-'))
  await writeFile(join(folder, 'app.js'), 'export {}')
})

afterEach(() => rm(folder, { recursive: true }))

test('files are asked for each time, unless they may be kept; documents always', async () => {
  await using asked = await served(folder)
  await using kept = await served(folder, { keptS: 60 })
  const controlOf = async (url: string) => (await fetch(url)).headers.get('cache-control')
  expect(await controlOf(`${asked.url}app.js`)).toBe('no-cache')
  expect(await controlOf(`${kept.url}app.js`)).toBe('max-age=60')
  expect(await controlOf(kept.page('app'))).toBe('no-cache')
})

test('what is answered otherwise is, and the rest are files', async () => {
  await using site = await served(folder, {
    answers(request, response) {
      if (request.url !== '/count') return false
      response.end('3')
      return true
    },
  })
  expect(await (await fetch(`${site.url}count`)).text()).toBe('3')
  expect(await (await fetch(`${site.url}app.js`)).text()).toBe('export {}')
  expect((await fetch(`${site.url}nothing`)).status).toBe(404)
})
