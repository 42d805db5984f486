/** A change as webhooks tell it: one event for a row that came or went, one for each property that changed. */
import { portalId } from '../apps.ts'
import { isCustom, type ObjectType } from '../objects/object-type.ts'
import type { RowChange } from '../rows/row.ts'

export type WebhookEvent = Readonly<Record<string, unknown>>

/** Words of the events of standard types; those of custom types are of an `object`. */
const words: Readonly<Record<string, string>> = { contacts: 'contact', companies: 'company', deals: 'deal' }

/** Of an application's own number; which it is matters to nobody here. */
const appId = 1_234_567
const subscriptionId = 54_321

/** @param number of the change; the events of one change share it, since it is not promised to be unique */
export function eventsOf(type: ObjectType, change: RowChange, number: number): WebhookEvent[] {
  const { kind, row, changed, merged, author } = change
  const common = {
    eventId: number,
    subscriptionId,
    portalId,
    appId,
    occurredAt: row.modifiedAt,
    subscriptionType: `${words[type.name] ?? 'object'}.${kind}`,
    changeSource: author.source,
    sourceId: author.name,
    ...(isCustom(type) && { objectTypeId: type.objectTypeId }),
  }
  if (kind === 'merge')
    return [
      {
        ...common,
        objectId: row.id,
        primaryObjectId: row.id,
        mergedObjectIds: [merged],
        newObjectId: row.id,
      },
    ]
  if (kind !== 'propertyChange')
    return [
      {
        ...common,
        objectId: row.id,
        changeFlag: { creation: 'CREATED', deletion: 'DELETED', restore: 'RESTORED' }[kind],
      },
    ]
  return changed.map((propertyName) => ({
    ...common,
    objectId: row.id,
    propertyName,
    propertyValue: row.properties[propertyName] ?? '',
    isSensitive: false,
  }))
}
