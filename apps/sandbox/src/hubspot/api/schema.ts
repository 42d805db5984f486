/** Types and properties, as they describe themselves. */
import { isCustom } from '../objects/object-type.ts'
import { propertiesOf } from '../objects/system-properties.ts'
import { toldProperties, toldProperty, toldSchema } from '../objects/told-property.ts'
import { notFound } from '../refusal.ts'
import type { Endpoint } from './endpoint.ts'

export const listProperties: Endpoint = ({ world, param }) => ({
  status: 200,
  body: { results: toldProperties(world.writer.type(param('type'))) },
})

export const readProperty: Endpoint = ({ world, param }) => {
  const property = propertiesOf(world.writer.type(param('type')))[param('name')]
  if (!property) throw notFound()
  return { status: 200, body: toldProperty(param('name'), property) }
}

/** Custom types alone are listed; a standard one is told to whoever names it. */
export const listSchemas: Endpoint = ({ world }) => ({
  status: 200,
  body: { results: [...world.types.values()].filter(isCustom).map(toldSchema) },
})

export const readSchema: Endpoint = ({ world, param }) => ({
  status: 200,
  body: toldSchema(world.writer.type(param('type'))),
})
