/** Leads what is asked to what answers it, for a call of its own and for a part of a batch. */
import { Refusal } from '../refusal.ts'
import type { ODataWorld } from '../world.ts'
import { type Address, addressOf } from './address.ts'
import { runBatch } from './batch.ts'
import { type Ask, type Asked, preferencesOf, type Reply } from './endpoint.ts'
import { listRows } from './pages.ts'
import { countRows, metadata, readRow, serviceDocument } from './reading.ts'
import { changeRow, createRow, deleteRow, ToldRefusal } from './writing.ts'

/** Never throws for a refusal: that is a reply too. */
export function dispatch(world: ODataWorld, asked: Asked): Reply {
  try {
    const address = addressOf(world, asked.path)
    const ask: Ask = {
      ...asked,
      world,
      query: new URLSearchParams(asked.path.split('?').slice(1).join('?')),
      preferences: preferencesOf(asked.headers),
      dispatch: (part) => dispatch(world, part),
    }
    return replyOf(ask, address)
  } catch (error) {
    return refusedReply(world, error)
  }
}

function replyOf(ask: Ask, address: Address): Reply {
  const method = ask.method === 'HEAD' ? 'GET' : ask.method
  switch (`${method} ${address.kind}`) {
    case 'GET service':
      return serviceDocument(ask)
    case 'GET metadata':
      return metadata(ask)
    case 'POST batch':
      return runBatch(ask)
  }
  if (address.kind === 'set' && method === 'GET') return listRows(ask, address.type)
  if (address.kind === 'set' && method === 'POST') return createRow(ask, address.type)
  if (address.kind === 'count' && method === 'GET') return countRows(ask, address.type)
  if (address.kind === 'row') {
    const { type, name } = address
    if (method === 'GET') return readRow(ask, type, name)
    if (method === 'PATCH') return changeRow(ask, type, name)
    if (method === 'DELETE') return deleteRow(ask, type, name)
  }
  throw new Refusal('method-not-allowed', `${ask.method} is not allowed for ${ask.path}.`)
}

export function refusedReply(world: ODataWorld, error: unknown): Reply {
  if (error instanceof ToldRefusal)
    return { ...refusedReply(world, error.refusal), operations: [error.operation] }
  if (error instanceof Refusal) {
    const { refusals, tellsTarget } = world.profile
    return { ...error.told(refusals, tellsTarget), headers: error.headers }
  }
  world.log(error)
  return refusedReply(world, new Refusal('internal', 'The service failed. Its log has the reason.'))
}
