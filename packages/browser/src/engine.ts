/**
 * The CRDT engine is WebAssembly, three times as large as everything else a browser loads of Skerry: it is compiled while it arrives, and the app says where it is, so that a bundler gives
 * it a name that may be cached for ever (`new URL('@automerge/automerge/automerge.wasm', import.meta.url)`).
 */
import { initializeWasm, isWasmInitialized } from '@automerge/automerge/slim'

/** The engine's file could not be had, or is none. Starting it may be tried again. */
export class EngineNotLoaded extends Error {
  override readonly name = 'EngineNotLoaded'
  readonly code = 'engine-not-loaded'
}

export interface EngineSource {
  /** Where the engine's file is, or the answer of whoever fetched it. */
  wasm: URL | Response | Promise<Response>
}

let starting: Promise<void> | undefined

/** Starts the engine once in this page or worker; later calls wait for the first, and begin again where that failed. @throws EngineNotLoaded */
export function startEngine({ wasm }: EngineSource): Promise<void> {
  starting ??= start(wasm).catch((cause) => {
    starting = undefined
    throw cause
  })
  return starting
}

async function start(wasm: EngineSource['wasm']): Promise<void> {
  if (isWasmInitialized()) return
  const response = await answer(wasm)
  if (!response.ok)
    throw new EngineNotLoaded(`the engine's file ${response.url} was answered with status ${response.status}`)
  try {
    // It takes a module, as wasm-bindgen's loaders do, though its types only name bytes.
    await initializeWasm((await compiled(response)) as unknown as Uint8Array)
  } catch (cause) {
    throw new EngineNotLoaded(
      `what came from ${response.url || 'the answer given'} is not the engine: ${cause}`,
      {
        cause,
      },
    )
  }
}

async function answer(wasm: EngineSource['wasm']): Promise<Response> {
  try {
    return await (wasm instanceof URL ? fetch(wasm) : wasm)
  } catch (cause) {
    throw new EngineNotLoaded(`the engine's file cannot be fetched: ${cause}`, { cause })
  }
}

/** Streaming wants a server that names the type rightly; of others, who are many, the bytes are taken. */
async function compiled(response: Response): Promise<WebAssembly.Module> {
  if (response.headers.get('content-type')?.startsWith('application/wasm'))
    return WebAssembly.compileStreaming(response)
  return WebAssembly.compile(await response.arrayBuffer())
}
