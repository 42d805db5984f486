/** The system's schema as its adapter describes it, type by type where one of them is not there (SPEC B-170). */
import type { Adapter, Call, Failure, TypeSchema } from '../adapter-port.ts'
import { reasonOf } from '../bridge-life.ts'

/** By type. A reason stands for a type that the system does not have, or does not show. */
export type SystemSchema = ReadonlyMap<string, TypeSchema | { missing: string }>

export function isDescribed(told: TypeSchema | { missing: string } | undefined): told is TypeSchema {
  return told !== undefined && 'fields' in told
}

/** @returns undefined where the adapter tells of no schema, or does not know it */
export async function readSchema(
  adapter: Pick<Adapter, 'name' | 'describe'>,
  types: readonly string[],
  call: Call,
): Promise<SystemSchema | Failure | undefined> {
  if (!adapter.describe) return undefined
  const describe = heldBack(adapter.name, adapter.describe)
  const all = await describe(types, call)
  if (all.kind === 'types') return new Map(types.map((type) => [type, of(type, all.types)]))
  if (all.kind !== 'rejected') return all
  // One that is missing may have been the reason to refuse them all.
  const schema = new Map<string, TypeSchema | { missing: string }>()
  for (const type of types) {
    const one = await describe([type], call)
    if (one.kind === 'types') schema.set(type, of(type, one.types))
    else if (one.kind === 'rejected') schema.set(type, { missing: one.reason })
    else return one
  }
  return schema
}

/** A bug of the adapter that it has only here must not keep rows from being read (B-190): it is told as a schema that could not be read. */
function heldBack(name: string, describe: NonNullable<Adapter['describe']>): typeof describe {
  return async (types, call) => {
    try {
      return await describe(types, call)
    } catch (error) {
      return { kind: 'unknown', reason: `the adapter ${name} threw instead of answering: ${reasonOf(error)}` }
    }
  }
}

function of(type: string, types: readonly TypeSchema[]): TypeSchema | { missing: string } {
  return types.find((one) => one.type === type) ?? { missing: `there is no type ${type}` }
}
