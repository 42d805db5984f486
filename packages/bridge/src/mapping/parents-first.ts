/** The order in which types are listed (SPEC B-85): what others refer to comes first, so that hardly a row has to be read again because its reference was not known yet. */
import type { Mapping } from '../mapping.ts'

/** Each type once; otherwise in the order of the configuration. A circle is entered where it is met. */
export function parentsFirst(mappings: readonly Mapping[]): string[] {
  const types = new Set<string>()
  const entered = new Set<string>()
  const enter = (type: string) => {
    if (entered.has(type)) return
    entered.add(type)
    for (const parent of parentTypes(mappings, type)) enter(parent)
    types.add(type)
  }
  for (const { type } of mappings) enter(type)
  return [...types]
}

function parentTypes(mappings: readonly Mapping[], type: string): string[] {
  const collections = mappings
    .filter((mapping) => mapping.type === type)
    .flatMap(({ fields }) => fields.map(({ reference }) => reference?.collection))
  return mappings
    .filter(({ collection }) => collections.includes(collection.name))
    .map((mapping) => mapping.type)
}
