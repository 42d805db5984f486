/** The CRDT engine in a page, with its WebAssembly as a file of its own. */

import wasmUrl from '@automerge/automerge/automerge.wasm?url'
import { change, from, initializeWasm, save } from '@automerge/automerge/slim'
import { exposed } from '@skerry/browser-test/page'

async function edit(title: string): Promise<{ title: string; bytes: number }> {
  await initializeWasm(new Request(wasmUrl))
  const edited = change(from({ title: '' }), (draft) => {
    draft.title = title
  })
  return { title: edited.title, bytes: save(edited).length }
}

function echo(): Promise<unknown> {
  const worker = new Worker(new URL('./echo-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve } = Promise.withResolvers<unknown>()
  worker.onmessage = ({ data }) => resolve(data)
  worker.postMessage('to a worker')
  return promise.finally(() => worker.terminate())
}

function refuse(): never {
  throw Object.assign(new RangeError('no'), { code: 'refused' })
}

exposed({
  edit,
  echo,
  refuse,
  keep: (key: string, value: string) => localStorage.setItem(key, value),
  kept: (key: string) => localStorage.getItem(key),
  isIsolated: () => globalThis.crossOriginIsolated,
})
