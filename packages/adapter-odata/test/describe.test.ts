import { expect, test } from 'vitest'
import { typesOf } from '../src/csdl.ts'
import { call, startService } from './service.ts'

test('OD-17 describe tells kinds, lengths, choices, labels and what must be there', async () => {
  const service = await startService('dataverse')
  const described = await service.adapter().describe!(['skerry_visits'], call)
  const [visits] = described.kind === 'types' ? described.types : []
  const named = (name: string) => visits?.fields.find((field) => field.name === name)
  expect(named('skerry_name')).toEqual({
    name: 'skerry_name',
    label: 'Title',
    kind: 'text',
    required: true,
    writable: true,
    unique: false,
    lengthMax: 80,
  })
  expect(named('skerry_status')).toMatchObject({ kind: 'enum', values: ['Open', 'Underway', 'Closed'] })
  expect(named('skerry_externalid')).toMatchObject({ unique: true, writable: true })
  expect(named('skerry_visitid')).toMatchObject({ unique: true, writable: false, required: false })
  expect(named('modifiedon')).toMatchObject({ kind: 'time', writable: false })
  expect(['skerry_cost', 'skerry_hours', 'skerry_done'].map((name) => named(name)?.kind)).toEqual([
    'decimal',
    'integer',
    'boolean',
  ])
  expect(await service.adapter().describe!(['Nothing'], call)).toEqual({
    kind: 'rejected',
    reason: 'the service has no entity set Nothing',
  })
})

test('OD-17 check says which sets and properties are missing, and which fields lose something', async () => {
  const service = await startService('plain')
  const type = { ...service.type, externalId: 'ModifiedAt', fields: ['Title', 'Colour', 'Cost', 'StartsAt'] }
  const adapter = service.adapter({ types: { Visits: type, Ghosts: service.type } })
  expect(await adapter.check(call)).toEqual({
    kind: 'rejected',
    reason: [
      'Visits has no property Colour',
      'Visits.ModifiedAt cannot be written, and is to hold external ids',
      "Visits.Cost wants { kind: 'decimal' }",
      "Visits.StartsAt wants { kind: 'time' }",
      'the service has no entity set Ghosts',
    ].join('; '),
  })
})

const csdl = (inner: string) =>
  `<?xml version="1.0"?><edmx:Edmx Version="4.01" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>${inner}</edmx:DataServices></edmx:Edmx>`

test('OD-17 base types, aliases, annotations beside, references and enumerations', () => {
  const types = typesOf(
    csdl(`
    <Schema Namespace="Base" Alias="B" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EntityType Name="Thing" Abstract="true"><Key><PropertyRef Name="Id"/></Key>
        <Property Name="Id" Type="Edm.Int64" Nullable="false"/>
        <Property Name="Made" Type="Edm.DateTimeOffset" Nullable="false"/>
      </EntityType>
      <EnumType Name="Colour"><Member Name="Red"/><Member Name="Blue"/></EnumType>
      <Annotations Target="B.Thing/Made"><Annotation Term="Org.OData.Core.V1.Computed"/></Annotations>
    </Schema>
    <Schema Namespace="Shop" xmlns="http://docs.oasis-open.org/odata/ns/edm">
      <EntityType Name="Order" BaseType="B.Thing">
        <Property Name="CustomerId" Type="Edm.Int64"/>
        <Property Name="Colour" Type="Base.Colour" Nullable="false" DefaultValue="Red"/>
        <Property Name="Place" Type="Shop.Address" Nullable="false"/>
        <Property Name="Tags" Type="Collection(Edm.String)"/>
        <Property Name="Code" Type="Edm.String" MaxLength="max" Nullable="false">
          <Annotation Term="Org.OData.Core.V1.Immutable" Bool="true"/>
          <Annotation Term="com.sap.vocabularies.Common.v1.Label" String="Q&amp;A &lt;1&gt;"/>
        </Property>
        <NavigationProperty Name="Customer" Type="Shop.Customer"><ReferentialConstraint Property="CustomerId" ReferencedProperty="Id"/></NavigationProperty>
      </EntityType>
      <EntityType Name="Customer" BaseType="Base.Thing"/>
      <EntityContainer Name="C">
        <EntitySet Name="Orders" EntityType="Shop.Order"><NavigationPropertyBinding Path="Customer" Target="Customers"/></EntitySet>
        <EntitySet Name="Customers" EntityType="Shop.Customer"/>
        <EntitySet Name="Lost" EntityType="Shop.Nothing"/>
      </EntityContainer>
    </Schema>`),
  )
  expect(types?.map(({ type }) => type)).toEqual(['Orders', 'Customers'])
  const fields = new Map(types?.[0]?.fields.map((field) => [field.name, field]))
  expect([...fields.keys()]).toEqual(['Id', 'Made', 'CustomerId', 'Colour', 'Place', 'Tags', 'Code'])
  expect(fields.get('Made')).toMatchObject({ kind: 'time', writable: false, required: false })
  expect(fields.get('Id')).toMatchObject({ kind: 'integer', unique: true, required: false })
  expect(fields.get('CustomerId')).toMatchObject({
    kind: 'reference',
    references: ['Customers'],
    required: false,
  })
  expect(fields.get('Colour')).toMatchObject({ kind: 'enum', values: ['Red', 'Blue'], required: false })
  expect(fields.get('Place')).toMatchObject({ kind: 'json', required: true })
  expect(fields.get('Tags')).toMatchObject({ kind: 'json' })
  expect(fields.get('Code')).toMatchObject({
    kind: 'text',
    writable: false,
    required: true,
    label: 'Q&A <1>',
  })
  expect(fields.get('Code')).not.toHaveProperty('lengthMax')
})

test.each([
  ['nothing', ''],
  ['a page', '<html><body>login</body></html>'],
  ['half a document', csdl('<Schema Namespace="A"').slice(0, -60)],
  ['JSON', '{"$Version":"4.01"}'],
  ['entities of its own', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${csdl('<Schema Namespace="A"/>')}`],
  ['a type that is its own base', undefined],
])('OD-17 metadata that is %s is none, or tells nothing', (_, xml) => {
  const circle = csdl(
    '<Schema Namespace="A"><EntityType Name="T" BaseType="A.T"/><EntityContainer Name="C"><EntitySet Name="Ts" EntityType="A.T"/></EntityContainer></Schema>',
  )
  expect(typesOf(xml ?? circle)).toEqual(xml === undefined ? [{ type: 'Ts', fields: [] }] : undefined)
})
