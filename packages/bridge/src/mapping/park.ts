/** A record that waits for the rows of others, and only for those (SPEC B-80, B-81); `dependants.ts` looks at it again when anything becomes of them. */
import { equalJson } from '@skerry/core'
import { mappingOfRecord } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { isOffered } from '../identity/candidates.ts'
import type { BridgeTables } from '../tables.ts'

export async function park(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  parents: readonly string[],
): Promise<void> {
  const reasons: string[] = []
  for (const parent of parents) reasons.push(await reasonToWait(context, tables, parent))
  const reason = reasons.join('; ')
  const known = await tables.item(record)
  if (known?.state === 'parked' && known.reason === reason && equalJson(known.parents, [...parents])) return
  tables.putItem(record, { state: 'parked', parents: [...parents], reason })
  tables.tell({
    level: 'info',
    code: 'parked',
    message: `${record} is not written to ${context.system} yet: ${reason}`,
    fields: { record },
  })
}

async function reasonToWait(context: BridgeContext, tables: BridgeTables, parent: string): Promise<string> {
  const item = await tables.item(parent)
  if (item?.state === 'dead') return `it waits for ${parent}, which cannot be written: ${item.reason}`
  if (item) return `it waits for ${parent}, which has no row there yet`
  const { value } = await tables.transaction.record(parent)
  if (!value) return `it waits for ${parent}, which is not in this replica`
  const { type = '', match = [] } = mappingOfRecord(context, parent) ?? {}
  if (match.length > 0 && (await isOffered(tables, parent)))
    return `it waits for ${parent}, which may be a row of ${type} that is there already`
  return `it waits for ${parent}, which the mapping to ${type} does not write`
}
