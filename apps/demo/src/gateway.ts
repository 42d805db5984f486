/** The gateway on the roof: a process that may only write its own streams. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gatewayChannel } from '@skerry/field-service'
import type { Cast } from './cast.ts'
import type { Child } from './child.ts'
import type { GatewayCommands } from './gateway-commands.ts'
import type { Hub } from './hub.ts'
import { type Remote, remoteOf } from './remote.ts'

const script = fileURLToPath(new URL('gateway-process.ts', import.meta.url))

export class Gateway {
  readonly #cast: Cast
  readonly #hub: Hub
  readonly #store: string
  #process: Child | undefined

  constructor(cast: Cast, hub: Hub, folder: string) {
    this.#cast = cast
    this.#hub = hub
    this.#store = join(folder, 'gateway.db')
  }

  async start(): Promise<Remote<GatewayCommands>> {
    this.#process = this.#cast.start({ name: 'gateway', args: [script, this.#store] })
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
