/** The office's system beside the hub: a real bridge between the hub's replica and a system in memory. */
import { type Bridge, MemorySystem, startBridge } from '@skerry/bridge'
import { nodeHost } from '@skerry/node'
import type { Field } from './field.test-support.ts'

export class Office implements AsyncDisposable {
  readonly #field: Field
  readonly #system = new MemorySystem({ name: 'crm' })
  #bridge: Bridge | undefined

  constructor(field: Field) {
    this.#field = field
  }

  /** At work: everything that can be brought over is, when it resolves. */
  async open(): Promise<void> {
    this.#bridge ??= await startBridge({
      replica: this.#field.hub.replica,
      adapter: this.#system.adapter(),
      host: nodeHost(),
      mappings: [
        {
          collection: 'work_orders',
          type: 'cases',
          filter: { in: () => false },
          fields: {
            title: 'title',
            status: 'status',
            notes: 'notes',
            due: { field: 'due', rule: 'that-side' },
          },
        },
      ],
    })
    await this.#bridge.pollNow()
    await this.#bridge.idle()
  }

  /** Nobody carries anything over meanwhile. */
  async shut(): Promise<void> {
    await this.#bridge?.close()
    this.#bridge = undefined
  }

  edit(title: string, fields: Record<string, string>): void {
    const row = this.#system.rows('cases').find(({ value }) => value.title === title)
    if (!row) throw new Error(`the office has no case '${title}'`)
    this.#system.edit('cases', { id: row.id }, fields)
  }

  delete(title: string): void {
    const row = this.#system.rows('cases').find(({ value }) => value.title === title)
    if (!row) throw new Error(`the office has no case '${title}'`)
    this.#system.edit('cases', { id: row.id, deleted: true }, {})
  }

  value(title: string) {
    return this.#system.rows('cases').find(({ value }) => value.title === title)?.value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shut()
  }
}
