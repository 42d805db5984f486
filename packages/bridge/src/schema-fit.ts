/** Whether a record may have a value in one field: what is made by a rule, or said by a person, is held against the schema before it is written. */
import type { Json, JsonObject } from '@skerry/core'
import { type Mapping, withField } from './mapping.ts'

/** What the schema says against it; undefined when it says nothing. Issues of other fields are not this value's. */
export function misfit(
  { collection }: Mapping,
  here: JsonObject,
  field: string,
  value: Json | undefined,
): string | undefined {
  const parsed = collection.parse(withField(here, field, value))
  if ('value' in parsed) return undefined
  const own = parsed.issues.filter(({ path }) => path.split('/')[1] === field)
  return own.length === 0 ? undefined : own.map(({ path, message }) => `${path} ${message}`).join('; ')
}
