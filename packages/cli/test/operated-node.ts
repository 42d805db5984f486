/** A node in this process, with its operator's side on a real socket: what the commands of an operator are tried on. */
import { join } from 'node:path'
import { type Bridge, type BridgeOptions, MemorySystem, startBridge } from '@skerry/bridge'
import { collection, memoryStore, text } from '@skerry/core'
import { createLog } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, onTestFinished } from 'vitest'
import * as z from 'zod'
import { startOperator } from '../src/operator/start-operator.ts'
import { runHere } from './in-process.ts'
import { temporaryFolder } from './skerry.ts'

const sites = collection('sites', z.object({ name: z.string() }))
const jobs = collection(
  'jobs',
  z.object({ title: z.string(), notes: text().optional(), site: z.string().optional() }),
)

const review = { rule: 'review' } as const

/** A node with a bridge to `crm`, which refuses what is named `bad` until it is mended, and one to `erp` that another node has. */
export async function node(options: Partial<BridgeOptions> = {}) {
  const folder = temporaryFolder()
  const replica = await openReplica({ store: memoryStore(), collections: { jobs, sites }, space: 'acme' })
  let refuses = true
  const system = new MemorySystem({
    name: 'crm',
    refuses: (_, { Name, Title }) =>
      refuses && (Name === 'bad' || Title === 'bad') ? 'not in our \u001b[31mregister' : undefined,
  })
  const start = () =>
    startBridge({
      replica,
      adapter: system.adapter(),
      mappings: [
        { collection: 'sites', type: 'accounts', fields: { name: 'Name' } },
        {
          collection: 'jobs',
          type: 'cases',
          fields: {
            title: { field: 'Title', ...review },
            site: { field: 'AccountId', reference: 'sites' },
          },
        },
      ],
      host: nodeHost(),
      pollIntervalMs: 0,
      ...options,
    })
  let bridge: Bridge | undefined = await start()
  const bridges = [
    { system: 'crm', bridge: () => bridge },
    { system: 'erp', bridge: () => undefined },
  ]
  const store = join(folder, 'bridge.db')
  const operator = await startOperator(store, bridges, createLog({ level: 'silent' }))
  onTestFinished(async () => {
    await operator.close()
    await bridge?.close()
    await replica.close()
  })
  return {
    replica,
    system,
    store,
    operator,
    mend: () => {
      refuses = false
    },
    bridge: () => bridge!,
    /** Another node has the system meanwhile. */
    async away() {
      await bridge?.close()
      bridge = undefined
    },
    async again() {
      bridge = await start()
      await bridge.pollNow()
      await bridge.idle()
    },
    run: (...args: string[]) => runHere(args, folder),
    async json(...args: string[]): Promise<unknown> {
      const { code, out, err } = await runHere([...args, '--json'], folder)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      return JSON.parse(out)
    },
  }
}

export type TestNode = Awaited<ReturnType<typeof node>>
