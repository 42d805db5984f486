/** Starts the CRDT engine, once per process. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { initializeWasm, isWasmInitialized } from '@automerge/automerge/slim'

export async function startEngine(): Promise<void> {
  if (isWasmInitialized()) return
  await initializeWasm(
    readFileSync(fileURLToPath(import.meta.resolve('@automerge/automerge/automerge.wasm'))),
  )
}
