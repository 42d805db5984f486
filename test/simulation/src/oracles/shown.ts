/** No commit of anybody holds a mark that was only shown (presence.ts has the rest of what is asked of presence). */
import type { Batch } from '@skerry/core'
import { markForm } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

export class ShownOracle {
  /** Every mark that was ever shown. */
  readonly said = new Set<string>()

  committed(node: string, { entries, tables, records }: Pick<Batch, 'entries' | 'tables' | 'records'>): void {
    if (this.said.size === 0) return
    for (const { bytes } of entries) this.#look(node, textOf(bytes))
    for (const { key, value } of tables) this.#look(node, key + (value ? textOf(value) : ''))
    for (const { view } of records) this.#look(node, view === undefined ? '' : JSON.stringify(view))
  }

  #look(node: string, text: string): void {
    for (const [mark] of text.matchAll(markForm))
      if (this.said.has(mark))
        throw new OracleFailed('presence', `${node} stored ${mark}, which was only shown`)
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
