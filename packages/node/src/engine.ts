/** The CRDT engine is WebAssembly; core leaves starting it to the host. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { initializeWasm, isWasmInitialized } from '@automerge/automerge/slim'

let starting: Promise<void> | undefined

/** Starts the engine once per process; later calls wait for the first. */
export function startEngine(): Promise<void> {
  starting ??= start()
  return starting
}

async function start(): Promise<void> {
  if (isWasmInitialized()) return
  await initializeWasm(
    await readFile(fileURLToPath(import.meta.resolve('@automerge/automerge/automerge.wasm'))),
  )
}
