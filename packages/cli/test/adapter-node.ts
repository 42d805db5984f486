/** An adapter node as a process: its store, its credential, and the arguments that start it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningHub, skerry, temporaryFolder } from './skerry.ts'

/** Where skerry.config.ts of these nodes is. */
export const folder = fileURLToPath(new URL('./bridge-config', import.meta.url))

export interface AdapterNode {
  store: string
  args: string[]
}

/** A store and a credential for `subject`, and what starts the node with them. */
export async function adapterNode(hub: RunningHub, subject: string): Promise<AdapterNode> {
  const store = join(temporaryFolder(), 'bridge.db')
  const token = join(temporaryFolder(), 'bridge.token')
  const key = (await skerry(['credential', 'key', store], { folder })).out.trim()
  const grant = ['--subject', subject, '--key', key, '--read', '*', '--write', '*', '--systems', 'crm']
  const issued = await skerry(['credential', 'issue', ...grant, '--space', 'acme', '--store', hub.store])
  writeFileSync(token, issued.out)
  const address = `${hub.url.replace('http', 'ws')}/sync`
  return { store, args: ['bridge', '--hub', address, '--store', store, '--credential', token] }
}
