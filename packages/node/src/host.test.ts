import { isWasmInitialized } from '@automerge/automerge/slim'
import {
  runHostContract,
  runLongWaitContract,
  runSetClockContract,
  runSignatureContract,
} from '@skerry/contract/host'
import { crc32 } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import { nodeHost, startEngine } from './index.ts'

const host = nodeHost()

runHostContract(host)
runSignatureContract(host)
describe('fault T6: waits longer than a timer can be', () => runLongWaitContract(host))
describe('fault T3, T4: waits while the clock is set', () => runSetClockContract(host))

test('crc32 is what core would find', () => {
  for (const bytes of [new Uint8Array(), new TextEncoder().encode('123456789'), host.random(1_000)])
    expect(host.crc32?.(bytes)).toBe(crc32(bytes))
})

test('the engine starts, also when asked twice at once', async () => {
  await Promise.all([startEngine(), startEngine()])
  expect(isWasmInitialized()).toBe(true)
})
