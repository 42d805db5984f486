import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { isWasmInitialized } from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import { startEngine } from './index.ts'

const file = () => readFile(fileURLToPath(import.meta.resolve('@automerge/automerge/automerge.wasm')))
const answered = async (type: string) => new Response(await file(), { headers: { 'content-type': type } })

test('what is no engine is said so, and starting may be tried again; then it starts once, also when asked twice at once', async () => {
  const portal = new Response('<h1>Log in to the hotel</h1>', { headers: { 'content-type': 'text/html' } })
  await expect(startEngine({ wasm: portal })).rejects.toMatchObject({ code: 'engine-not-loaded' })
  const missing = new Response('no such file', { status: 404 })
  await expect(startEngine({ wasm: missing })).rejects.toThrow(/status 404/)
  const offline = new URL('http://engine.invalid/automerge.wasm')
  await expect(startEngine({ wasm: offline })).rejects.toThrow(/cannot be fetched/)
  expect(isWasmInitialized()).toBe(false)

  const wasm = answered('application/wasm')
  await Promise.all([startEngine({ wasm }), startEngine({ wasm })])
  expect(isWasmInitialized()).toBe(true)
  await startEngine({ wasm: missing })
})
