/** The store of a worker, seen from its page; `kill` is the death of its process as far as a browser tells. */
import { type Damage, type Store, StoreDamage, StoreError, type StoreErrorCode } from '@skerry/core'
import type { IdbStoreOptions } from '@skerry/store-idb'

type Answer = {
  id: number
  value?: unknown
  error?: Error
  refused?: { code: StoreErrorCode; message: string; damage?: Damage }
}

const METHODS = [
  'open',
  'commit',
  'readLog',
  'readChannels',
  'readRecord',
  'readEntries',
  'readMarks',
  'rows',
  'scanRows',
  'findRows',
  'channelRows',
  'get',
  'scan',
  'size',
  'close',
] as const satisfies readonly (keyof Store)[]

export interface WorkerStore {
  store: Store
  kill(): void
}

export function storeInWorker(options: IdbStoreOptions): WorkerStore {
  const worker = new Worker(new URL('./store-worker.ts', import.meta.url), {
    type: 'module',
    name: JSON.stringify(options),
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  let isDead = false
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const call = waiting.get(data.id)!
    waiting.delete(data.id)
    const error = data.error ?? (data.refused && refusal(data.refused))
    if (error) call.reject(error)
    else call.resolve(data.value)
  }
  worker.onerror = ({ message }) => {
    for (const call of waiting.values()) call.reject(new Error(`the worker failed: ${message}`))
  }

  function call(method: string, args: unknown[]): Promise<unknown> {
    if (isDead && method === 'close') return Promise.resolve()
    if (isDead) return Promise.reject(new StoreError('closed', 'the worker died'))
    calls += 1
    const answer = Promise.withResolvers<unknown>()
    waiting.set(calls, answer)
    worker.postMessage({ id: calls, method, args })
    return answer.promise
  }

  const entries = METHODS.map((method) => [method, (...args: unknown[]) => call(method, args)] as const)
  return {
    store: Object.fromEntries(entries) as unknown as Store,
    kill: () => {
      isDead = true
      worker.terminate()
    },
  }
}

function refusal({ code, message, damage }: NonNullable<Answer['refused']>): StoreError {
  return damage ? new StoreDamage(message, damage) : new StoreError(code, message)
}
