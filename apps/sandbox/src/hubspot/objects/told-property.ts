/** Properties and types as the API describes them: what a client must know to read and write them. */
import { isCustom, type ObjectType, type Property } from './object-type.ts'
import { propertiesOf } from './system-properties.ts'

type Told = Record<string, unknown>

export function toldProperty(name: string, property: Property): Told {
  const { type, fieldType = 'text', options = [], readOnly = false } = property
  return {
    name,
    label: labelOf(name, property),
    type,
    fieldType,
    description: '',
    groupName: 'information',
    options: options.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false })),
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue: property.hasUniqueValue ?? false,
    hidden: false,
    hubspotDefined: readOnly,
    showCurrencySymbol: property.showCurrencySymbol ?? false,
    modificationMetadata: { archivable: !readOnly, readOnlyDefinition: readOnly, readOnlyValue: readOnly },
    formField: !readOnly,
    archived: false,
  }
}

export function toldProperties(type: ObjectType): Told[] {
  return Object.entries(propertiesOf(type)).map(([name, property]) => toldProperty(name, property))
}

/** As `/crm/v3/schemas` tells it. */
export function toldSchema(type: ObjectType): Told {
  const { name, objectTypeId, label = name, required = [], defaults } = type
  return {
    id: objectTypeId.split('-')[1],
    objectTypeId,
    name,
    fullyQualifiedName: isCustom(type) ? `p4242_${name}` : name.toUpperCase(),
    labels: { singular: label, plural: label },
    requiredProperties: [...required],
    searchableProperties: [...defaults],
    primaryDisplayProperty: Object.keys(type.properties).find((one) => one !== 'skerry_id'),
    archived: false,
    properties: toldProperties(type),
    associations: [],
  }
}

function labelOf(name: string, { label }: Pick<Property, 'label'>): string {
  return label ?? name.replaceAll('_', ' ')
}
