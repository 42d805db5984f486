/** The host's suite in a page, and the engine compiled while it arrives. */
import wasm from '@automerge/automerge/automerge.wasm?url'
import { isWasmInitialized } from '@automerge/automerge/slim'
import '@skerry/browser-test/page/suite'
import { startEngine } from '@skerry/browser'
import { expect, test } from 'vitest'
import { hostSuite } from '../../src/host-suite.test-support.ts'

hostSuite()

test('the engine starts from its URL', async () => {
  await startEngine({ wasm: new URL(wasm, location.href) })
  expect(isWasmInitialized()).toBe(true)
})
