/** Associations of version 4, without labels. */
import * as z from 'zod'
import type { Place } from '../associations.ts'
import { notFound } from '../refusal.ts'
import { type Ask, bodyAs, type Endpoint } from './endpoint.ts'

const idSchema = z.object({ id: z.string() })
const readSchema = z.object({ inputs: z.array(idSchema).max(1_000) })
const pairsSchema = z.object({ inputs: z.array(z.object({ from: idSchema, to: idSchema })).max(2_000) })

/** The kind that every pair of types has. */
const unlabelled = { category: 'HUBSPOT_DEFINED', typeId: 1, label: null }

export const listAssociations: Endpoint = (ask) => {
  const from = place(ask, ask.param('type'), ask.param('id'))
  const to = ask.world.writer.type(ask.param('toType'))
  return { status: 200, body: { results: toldOf(ask, from, to.name) } }
}

export const associate: Endpoint = (ask) => {
  const { world, param } = ask
  const [from, to] = [place(ask, param('type'), param('id')), place(ask, param('toType'), param('toId'))]
  world.associations.add(from, to)
  return { status: 200, body: { status: 'COMPLETE', results: [pairTold(from, to)] } }
}

export const dissociate: Endpoint = (ask) => {
  const { world, param } = ask
  world.associations.remove(
    place(ask, param('type'), param('id')),
    place(ask, param('toType'), param('toId')),
  )
  return { status: 204 }
}

export const readAssociations: Endpoint = (ask) => {
  const to = ask.world.writer.type(ask.param('toType'))
  const { inputs } = bodyAs(ask, readSchema)
  const results = inputs.map(({ id }) => {
    return { from: { id }, to: toldOf(ask, place(ask, ask.param('type'), id), to.name) }
  })
  return { status: 200, body: { status: 'COMPLETE', results } }
}

export const associateMany: Endpoint = (ask) => {
  const { world, param } = ask
  const results = bodyAs(ask, pairsSchema).inputs.map(({ from, to }) => {
    const pair = [place(ask, param('type'), from.id), place(ask, param('toType'), to.id)] as const
    world.associations.add(...pair)
    return pairTold(...pair)
  })
  return { status: 200, body: { status: 'COMPLETE', results } }
}

function toldOf({ world }: Ask, from: Place, toType: string) {
  return world.associations
    .of(from, toType)
    .map((toObjectId) => ({ toObjectId: String(toObjectId), associationTypes: [unlabelled] }))
}

function pairTold(from: Place, to: Place) {
  return {
    from: { id: String(from.id) },
    to: { id: String(to.id) },
    associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 },
  }
}

/** @throws Refusal OBJECT_NOT_FOUND */
function place({ world }: Ask, typeName: string, id: string): Place {
  const type = world.writer.type(typeName)
  const row = world.writer.living(type.name, id)
  if (!row) throw notFound()
  return { type: type.name, id: row.id }
}
