/** `$metadata`: the service's types as CSDL in XML. */
import type { Profile } from '../profiles/profile.ts'
import { type EntityType, type Property, propertyNames, propertyOf } from './entity-type.ts'

/** @param types by set */
export function metadataOf(profile: Profile, types: ReadonlyMap<string, EntityType>): string {
  const all = [...types.values()]
  const { namespace } = profile
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
    `<Schema Namespace="${namespace}" Alias="Self" xmlns="http://docs.oasis-open.org/odata/ns/edm">`,
    ...all.flatMap((type) => enumsOf(type)),
    ...all.map((type) => entityTypeOf(profile, type, types)),
    '<EntityContainer Name="Container">',
    ...all.map((type) => entitySetOf(namespace, type)),
    '</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>',
  ].join('')
}

function entityTypeOf(profile: Profile, type: EntityType, types: ReadonlyMap<string, EntityType>): string {
  const properties = propertyNames(type).map((name) => propertyXml(profile, type, name))
  const links = Object.entries(type.properties).flatMap(([name, { references = '' }]) => {
    const target = types.get(references)
    if (!target) return []
    const constraint = `<ReferentialConstraint Property="${name}" ReferencedProperty="${target.key}"/>`
    return [
      `<NavigationProperty Name="${linkName(name)}" Type="${profile.namespace}.${target.name}">${constraint}</NavigationProperty>`,
    ]
  })
  const alternate = profile.alternateKeys ? alternateKeyOf(type) : ''
  return `<EntityType Name="${type.name}"><Key><PropertyRef Name="${type.key}"/></Key>${properties.join('')}${links.join('')}${alternate}</EntityType>`
}

function linkName(property: string): string {
  return `to_${property}`
}

function propertyXml({ namespace }: Profile, type: EntityType, name: string): string {
  const property = propertyOf(type, name)!
  const { maxLength, precision, scale, required, label, computed } = property
  const facets = Object.entries({
    Name: name,
    Type: property.type === 'enum' ? `${namespace}.${enumName(type, name)}` : property.type,
    ...(required && { Nullable: 'false' }),
    ...(maxLength !== undefined && { MaxLength: maxLength }),
    ...(precision !== undefined && { Precision: precision }),
    ...(scale !== undefined && { Scale: scale }),
  }).map(([facet, value]) => `${facet}="${escaped(String(value))}"`)
  const notes = [
    ...(label === undefined ? [] : [['Common.v1.Label', `String="${escaped(label)}"`]]),
    ...(computed ? [['Org.OData.Core.V1.Computed', 'Bool="true"']] : []),
    ...(name === type.key ? [['Org.OData.Core.V1.ComputedDefaultValue', 'Bool="true"']] : []),
  ].map(([term, value]) => `<Annotation Term="${term}" ${value}/>`)
  return `<Property ${facets.join(' ')}>${notes.join('')}</Property>`
}

function alternateKeyOf({ externalId }: EntityType): string {
  const key = `<PropertyValue Property="Key"><Collection><Record Type="Org.OData.Core.V1.PropertyRef"><PropertyValue Property="Name" PropertyPath="${externalId}"/><PropertyValue Property="Alias" String="${externalId}"/></Record></Collection></PropertyValue>`
  return `<Annotation Term="Org.OData.Core.V1.AlternateKeys"><Collection><Record Type="Org.OData.Core.V1.AlternateKey">${key}</Record></Collection></Annotation>`
}

function entitySetOf(namespace: string, { set, name, properties }: EntityType): string {
  const bindings = Object.entries(properties).flatMap(([property, { references }]) =>
    references === undefined
      ? []
      : [`<NavigationPropertyBinding Path="${linkName(property)}" Target="${references}"/>`],
  )
  return `<EntitySet Name="${set}" EntityType="${namespace}.${name}">${bindings.join('')}</EntitySet>`
}

function enumsOf(type: EntityType): string[] {
  return Object.entries(type.properties).flatMap(([name, property]: [string, Property]) => {
    const members = (property.values ?? []).map((value, i) => `<Member Name="${value}" Value="${i}"/>`)
    return property.type === 'enum'
      ? [`<EnumType Name="${enumName(type, name)}">${members.join('')}</EnumType>`]
      : []
  })
}

function enumName({ name }: EntityType, property: string): string {
  return `${name}_${property}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
