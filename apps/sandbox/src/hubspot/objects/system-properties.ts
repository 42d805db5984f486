/** Properties that every row has and nobody writes. */
import { modifiedPropertyOf, type ObjectType, type Property } from './object-type.ts'

const readOnly = { readOnly: true } as const

function systemProperties(type: ObjectType): Readonly<Record<string, Property>> {
  const time: Property = { type: 'datetime', fieldType: 'date', ...readOnly }
  return {
    hs_object_id: {
      type: 'number',
      fieldType: 'number',
      label: 'Record ID',
      hasUniqueValue: true,
      ...readOnly,
    },
    createdate: time,
    hs_createdate: time,
    [modifiedPropertyOf(type)]: time,
    hs_merged_object_ids: {
      type: 'enumeration',
      fieldType: 'checkbox',
      label: 'Merged record IDs',
      ...readOnly,
    },
  }
}

/** Its own, and those of every type. */
export function propertiesOf(type: ObjectType): Readonly<Record<string, Property>> {
  return { ...systemProperties(type), ...type.properties }
}
