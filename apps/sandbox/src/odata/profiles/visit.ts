/** The one business object that every profile has, each with names of its own. */
import type { EntityType, Property } from '../types/entity-type.ts'

type Names = Pick<EntityType, 'set' | 'name' | 'key' | 'modified' | 'externalId'> & {
  title: string
  note: string
  cost: string
  startsAt: string
  done: string
  hours: string
  status: string
}

/** @param more further properties @param rules beside the one that every office has */
export function visitType(names: Names, more: Readonly<Record<string, Property>> = {}): EntityType {
  const { set, name, key, modified, externalId, title, note, cost, startsAt, done, hours, status } = names
  return {
    set,
    name,
    key,
    modified,
    externalId,
    properties: {
      [title]: { type: 'Edm.String', maxLength: 80, required: true, label: 'Title' },
      [note]: { type: 'Edm.String', maxLength: 4_000 },
      [cost]: { type: 'Edm.Decimal', precision: 18, scale: 2 },
      [startsAt]: { type: 'Edm.DateTimeOffset' },
      [done]: { type: 'Edm.Boolean' },
      [hours]: { type: 'Edm.Int32' },
      [status]: { type: 'enum', values: ['Open', 'Underway', 'Closed'] },
      [externalId]: { type: 'Edm.String', maxLength: 128, unique: true },
      ...more,
    },
    rules: [{ property: title, pattern: '^poison', message: 'Nothing poisonous, please' }],
  }
}
