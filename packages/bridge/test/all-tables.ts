/** Everything that a bridge keeps, as text, to look for what must not be in it. */
import { decodeUtf8, type ReplicaBase } from '@skerry/core'
import { decodeItem } from '../src/outbox.ts'
import { decodeShadow } from '../src/shadow.ts'
import { allRows } from '../src/table-rows.ts'
import { tableKinds, tableOf } from '../src/tables.ts'

/** By table: keys and values; the documents of shadows and of the outbox as what they are documents of, which the engine may have compressed. */
export async function keptBy(replica: ReplicaBase, system: string): Promise<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const kind of tableKinds) {
    const texts: string[] = []
    for await (const { key, value } of allRows(replica, tableOf(system, kind))) {
      texts.push(key, decodeUtf8(value) ?? Buffer.from(value).toString('latin1'))
      const document = kind === 'shadow' ? decodeShadow(key, value).document : documentIn(kind, key, value)
      if (document.length > 0) texts.push(`a document of ${key}`)
    }
    kept[kind] = texts.join('\n')
  }
  return kept
}

function documentIn(kind: string, key: string, value: Uint8Array): Uint8Array {
  const item = kind === 'outbox' ? decodeItem(key, value) : undefined
  return item?.state === 'begun' ? item.document : new Uint8Array(0)
}

/** Tables in which one of the texts stands. */
export async function tablesWith(
  replica: ReplicaBase,
  system: string,
  texts: readonly string[],
): Promise<string[]> {
  const kept = await keptBy(replica, system)
  return Object.entries(kept).flatMap(([kind, all]) =>
    texts.some((text) => all.includes(text)) ? [kind] : [],
  )
}
