/** The adapter node between hub and CRM: `skerry bridge` as a process, enrolled like any device, and killed without mercy. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { channelOf } from '@skerry/field-service'
import type { Cast } from './cast.ts'
import type { Child } from './child.ts'
import type { Crm } from './crm.ts'
import type { Hub } from './hub.ts'
import { logged, run, start } from './skerry.ts'

export class AdapterNode {
  readonly #cast: Cast
  readonly #hub: Hub
  readonly #crm: Crm
  readonly #store: string
  #process: Child | undefined
  /** File of the token that the next start hands over. */
  #token: string | undefined

  constructor(cast: Cast, hub: Hub, crm: Crm, folder: string) {
    this.#cast = cast
    this.#hub = hub
    this.#crm = crm
    this.#store = join(folder, 'adapter.db')
  }

  /** Makes the node's key and gets its credential, as an operator does. It may read and write all states, and nothing else. */
  async enrol(states: readonly string[]): Promise<void> {
    const key = await run(this.#cast, ['credential', 'key', this.#store])
    const channels = states.map(channelOf).join(',')
    const grant = ['--subject', 'adapter:crm', '--read', channels, '--write', channels, '--systems', 'crm']
    const signer = ['--hub', this.#hub.url, '--admin-token-file', this.#hub.adminTokenFile]
    const file = `${this.#store}.token`
    writeFileSync(file, await run(this.#cast, ['credential', 'issue', '--key', key, ...grant, ...signer]))
    this.#token = file
  }

  /** Resolves when it is at work. The credential is needed once; then the store has it. */
  async start(): Promise<void> {
    const args = ['bridge', 'crm', '--hub', this.#hub.syncUrl, '--store', this.#store, '--json']
    const enrolling = this.#token === undefined ? [] : ['--credential', this.#token]
    this.#token = undefined
    const child = start(this.#cast, 'adapter', [...args, ...enrolling], this.#crm.environment)
    this.#process = child
    await logged(child, 'bridge ready')
  }

  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#process?.ended
  }
}
