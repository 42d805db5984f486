/** A type as it describes itself: what a client must know to read and write it. */
import { type Field, isText, type ObjectType } from './object-type.ts'
import { systemFields } from './system-fields.ts'
import { labelOf } from './values.ts'

type Described = Record<string, unknown>

/** Of the list of all types. */
export function describeBriefly({ name, label, keyPrefix }: ObjectType, base: string): Described {
  return {
    name,
    label: label ?? name,
    labelPlural: `${label ?? name}s`,
    keyPrefix,
    custom: name.endsWith('__c'),
    createable: true,
    updateable: true,
    deletable: true,
    undeletable: true,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    urls: {
      sobject: `${base}/sobjects/${name}`,
      describe: `${base}/sobjects/${name}/describe`,
      rowTemplate: `${base}/sobjects/${name}/{ID}`,
    },
  }
}

export function describe(type: ObjectType, base: string): Described {
  const system = Object.entries(systemFields).map(([name, { type: kind, label }]) => ({
    ...common(name, kind, label),
    createable: false,
    updateable: false,
    nillable: false,
    idLookup: name === 'Id',
    referenceTo: kind === 'reference' ? ['User'] : [],
  }))
  const compounds = Object.entries(type.compounds ?? {}).map(([name, { type: kind }]) => ({
    ...common(name, kind === 'name' ? 'string' : 'address', labelOf(name, {})),
    createable: false,
    updateable: false,
    nillable: true,
  }))
  const own = Object.entries(type.fields).map(([name, field]) => describeField(type, name, field))
  return { ...describeBriefly(type, base), fields: [...system, ...compounds, ...own] }
}

function describeField(type: ObjectType, name: string, field: Field): Described {
  const parent = Object.entries(type.compounds ?? {}).find(([, { parts }]) =>
    Object.values(parts).includes(name),
  )
  return {
    ...common(name, field.type, labelOf(name, field)),
    createable: true,
    updateable: true,
    nillable: !field.required && field.type !== 'boolean',
    defaultedOnCreate: field.type === 'boolean',
    unique: field.unique ?? false,
    externalId: field.externalId ?? false,
    idLookup: field.externalId ?? false,
    caseSensitive: false,
    length: isText(field) ? (field.length ?? 255) : 0,
    precision: field.precision ?? 0,
    scale: field.scale ?? 0,
    referenceTo: [...(field.referenceTo ?? [])],
    compoundFieldName: parent?.[0] ?? null,
    picklistValues: (field.values ?? []).map((value) => ({ value, label: value, active: true })),
    restrictedPicklist: field.values !== undefined,
    nameField: name === 'Name',
  }
}

function common(name: string, type: string, label: string): Described {
  return {
    name,
    type,
    label,
    custom: name.endsWith('__c'),
    filterable: true,
    sortable: true,
    deprecatedAndHidden: false,
    unique: false,
    externalId: false,
    idLookup: false,
    length: 0,
    referenceTo: [],
    picklistValues: [],
    compoundFieldName: null,
  }
}
