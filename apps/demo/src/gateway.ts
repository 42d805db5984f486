/** The gateway on the roof: a process that may only write its own streams. */
import { join } from 'node:path'
import { Child } from './child.ts'
import { gatewayChannel } from './field-service.ts'
import type { GatewayCommands } from './gateway-commands.ts'
import type { Hub } from './hub.ts'
import { type Remote, remoteOf } from './remote.ts'

const script = new URL('gateway-process.ts', import.meta.url).pathname

export class Gateway {
  readonly #hub: Hub
  readonly #store: string
  #process: Child | undefined

  constructor(hub: Hub, folder: string) {
    this.#hub = hub
    this.#store = join(folder, 'gateway.db')
  }

  async start(): Promise<Remote<GatewayCommands>> {
    this.#process = new Child({ name: 'gateway', args: [script, this.#store] })
    return remoteOf<GatewayCommands>(this.#process)
  }

  async enrol(gateway: Remote<GatewayCommands>): Promise<void> {
    const publicKey = await gateway.key()
    const token = await this.#hub.issue({
      subject: 'gateway:roof',
      publicKey,
      read: [],
      write: [gatewayChannel],
    })
    await gateway.enrol({ token })
  }

  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#process?.ended
  }
}
