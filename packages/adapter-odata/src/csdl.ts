/** A service's schema out of its metadata: CSDL in XML (OData CSDL XML 4.01). */
import type { FieldKind, FieldSchema, TypeSchema } from '@skerry/bridge'
import { XMLParser } from 'fast-xml-parser'
import * as z from 'zod'

/** Elements that may stand several times; the parser then makes a list also of one. */
const several = [
  'Schema',
  'EntityType',
  'EnumType',
  'Member',
  'Property',
  'PropertyRef',
  'NavigationProperty',
  'ReferentialConstraint',
  'EntityContainer',
  'EntitySet',
  'NavigationPropertyBinding',
  'Annotations',
  'Annotation',
  'Collection',
  'Record',
  'PropertyValue',
]

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && several.includes(name),
})

const annotationSchema = z.looseObject({
  Term: z.string(),
  Bool: z.string().optional(),
  String: z.string().optional(),
})
const annotations = z.array(annotationSchema).default([])

const propertySchema = z.looseObject({
  Name: z.string(),
  Type: z.string().default('Edm.String'),
  Nullable: z.string().optional(),
  MaxLength: z.string().optional(),
  Scale: z.string().optional(),
  DefaultValue: z.string().optional(),
  Annotation: annotations,
})

const entityTypeSchema = z.looseObject({
  Name: z.string(),
  BaseType: z.string().optional(),
  Key: z.object({ PropertyRef: z.array(z.object({ Name: z.string() })) }).optional(),
  Property: z.array(propertySchema).default([]),
  NavigationProperty: z
    .array(
      z.looseObject({
        Name: z.string(),
        ReferentialConstraint: z.array(z.object({ Property: z.string() })).default([]),
      }),
    )
    .default([]),
  Annotation: annotations,
})

const schemaSchema = z.looseObject({
  Namespace: z.string(),
  Alias: z.string().optional(),
  EntityType: z.array(entityTypeSchema).default([]),
  EnumType: z
    .array(z.looseObject({ Name: z.string(), Member: z.array(z.object({ Name: z.string() })).default([]) }))
    .default([]),
  EntityContainer: z
    .array(
      z.looseObject({
        EntitySet: z
          .array(
            z.looseObject({
              Name: z.string(),
              EntityType: z.string(),
              NavigationPropertyBinding: z
                .array(z.object({ Path: z.string(), Target: z.string() }))
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  Annotations: z.array(z.looseObject({ Target: z.string(), Annotation: annotations })).default([]),
})

const documentSchema = z.object({
  Edmx: z.object({ DataServices: z.object({ Schema: z.array(schemaSchema) }) }),
})

type Annotation = z.output<typeof annotationSchema>
type Property = z.output<typeof propertySchema>
type EntityType = z.output<typeof entityTypeSchema>
type Schema = z.output<typeof schemaSchema>

/** Types by their sets; undefined for what is no metadata. A document that declares entities of its own is none: nobody needs them here, and they can be made to grow without end. */
export function typesOf(xml: string): TypeSchema[] | undefined {
  if (xml.includes('<!DOCTYPE')) return undefined
  const { data } = documentSchema.safeParse(parsed(xml))
  return data && new Model(data.Edmx.DataServices.Schema).types()
}

function parsed(xml: string): unknown {
  try {
    return parser.parse(xml)
  } catch {
    return undefined
  }
}

const kinds: Readonly<Record<string, FieldKind>> = {
  'Edm.Boolean': 'boolean',
  'Edm.Byte': 'integer',
  'Edm.SByte': 'integer',
  'Edm.Int16': 'integer',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'integer',
  'Edm.Single': 'number',
  'Edm.Double': 'number',
  'Edm.Decimal': 'decimal',
  'Edm.Date': 'date',
  'Edm.DateTimeOffset': 'time',
}

class Model {
  readonly #schemas: readonly Schema[]
  readonly #aliases = new Map<string, string>()
  readonly #entityTypes = new Map<string, EntityType>()
  readonly #enums = new Map<string, string[]>()
  /** Annotations that stand beside what they are of, by its name. */
  readonly #beside = new Map<string, Annotation[]>()

  constructor(schemas: readonly Schema[]) {
    this.#schemas = schemas
    for (const { Namespace, Alias } of schemas) if (Alias !== undefined) this.#aliases.set(Alias, Namespace)
    for (const { Namespace, EntityType, EnumType, Annotations } of schemas) {
      for (const type of EntityType) this.#entityTypes.set(`${Namespace}.${type.Name}`, type)
      for (const { Name, Member } of EnumType)
        this.#enums.set(
          `${Namespace}.${Name}`,
          Member.map((member) => member.Name),
        )
      for (const { Target, Annotation } of Annotations) {
        const target = this.#whole(Target)
        this.#beside.set(target, [...(this.#beside.get(target) ?? []), ...Annotation])
      }
    }
  }

  /** A name by its namespace, where it was written by an alias. */
  #whole(name: string): string {
    const [, alias = '', rest = ''] = /^(\w+)\.(.*)$/s.exec(name) ?? []
    const namespace = this.#aliases.get(alias)
    return namespace === undefined ? name : `${namespace}.${rest}`
  }

  types(): TypeSchema[] {
    const sets = this.#schemas.flatMap(({ EntityContainer }) =>
      EntityContainer.flatMap((one) => one.EntitySet),
    )
    return sets.flatMap(({ Name, EntityType: named, NavigationPropertyBinding: bindings }) => {
      const lineage = this.#lineage(named)
      if (lineage.length === 0) return []
      const references = referencesOf(lineage, bindings)
      const keys = lineage.flatMap(({ type }) => type.Key?.PropertyRef.map((key) => key.Name) ?? [])
      const unique = [
        ...(keys.length === 1 ? keys : []),
        ...lineage.flatMap(({ type }) => alternateKeysOf(type)),
      ]
      const fields = lineage.flatMap(({ name, type }) =>
        type.Property.map((property): FieldSchema => {
          const field = this.#field(name, property, keys.includes(property.Name))
          const leads = references.get(property.Name)
          return {
            ...field,
            unique: unique.includes(property.Name),
            ...(leads && { kind: 'reference', references: leads }),
          }
        }),
      )
      return [{ type: Name, fields }]
    })
  }

  /** A type and those that it is based on, the deepest first. */
  #lineage(name: string): { name: string; type: EntityType }[] {
    const lineage: { name: string; type: EntityType }[] = []
    for (let at: string | undefined = this.#whole(name); at !== undefined; ) {
      const type = this.#entityTypes.get(at)
      if (!type || lineage.some((known) => known.type === type)) break
      lineage.unshift({ name: at, type })
      at = type.BaseType === undefined ? undefined : this.#whole(type.BaseType)
    }
    return lineage
  }

  #field(typeName: string, property: Property, isKey: boolean): FieldSchema {
    const { Name: name, Type: type, Nullable, MaxLength = '', Scale = '', DefaultValue } = property
    const notes = [...property.Annotation, ...(this.#beside.get(`${typeName}/${name}`) ?? [])]
    const has = (term: string) => notes.some((note) => note.Term.endsWith(term) && note.Bool !== 'false')
    const isMade = has('Core.V1.Computed')
    const isDefaulted = isKey || DefaultValue !== undefined || has('Core.V1.ComputedDefaultValue')
    const values = this.#enums.get(this.#whole(type))
    const label = notes.find((note) => note.Term.endsWith('.Label'))?.String
    return {
      name,
      ...(label !== undefined && { label }),
      kind: values ? 'enum' : kindOf(type),
      required: Nullable === 'false' && !isMade && !isDefaulted,
      writable: !isMade && !isKey && !has('Core.V1.Immutable'),
      ...(/^\d{1,9}$/.test(MaxLength) && { lengthMax: Number(MaxLength) }),
      ...(/^\d{1,3}$/.test(Scale) && { scale: Number(Scale) }),
      ...(values && { values }),
    }
  }
}

function kindOf(type: string): FieldKind {
  if (Object.hasOwn(kinds, type)) return kinds[type]!
  return type.startsWith('Edm.') ? 'text' : 'json'
}

/** Sets that a property leads to, by the property: the binding of a navigation property whose constraint names it. */
function referencesOf(
  lineage: readonly { type: EntityType }[],
  bindings: readonly { Path: string; Target: string }[],
): Map<string, string[]> {
  const references = new Map<string, string[]>()
  for (const { type } of lineage)
    for (const { Name, ReferentialConstraint } of type.NavigationProperty) {
      const target = bindings.find(({ Path }) => Path === Name)?.Target
      for (const { Property: property } of ReferentialConstraint)
        if (target !== undefined) references.set(property, [...(references.get(property) ?? []), target])
    }
  return references
}

/** Alternate keys of one property (Org.OData.Core.V1.AlternateKeys). */
function alternateKeysOf({ Annotation }: EntityType): string[] {
  const keys = Annotation.filter(({ Term }) => Term.endsWith('Core.V1.AlternateKeys'))
  return keys.flatMap((key) => {
    const paths = [...JSON.stringify(key).matchAll(/"PropertyPath":"(\w+)"/g)].map(([, path = '']) => path)
    return paths.length === 1 ? paths : []
  })
}
