/** A row as clients see it. */
import { exactNumber } from '../../exact-json.ts'
import type { Profile } from '../profiles/profile.ts'
import { valueIn } from '../query/compare.ts'
import type { Row } from '../rows/row.ts'
import { withScale } from './decimal.ts'
import { type EntityType, propertyNames, propertyOf } from './entity-type.ts'
import { toldTime } from './time.ts'

export type Telling = {
  profile: Profile
  etags: boolean
  select: readonly string[] | undefined
  /** IEEE754Compatible: numbers that a float may not hold are told as text. */
  exact: boolean
}

export function toldRow(
  type: EntityType,
  row: Row,
  { profile, etags, select, exact }: Telling,
): Record<string, unknown> {
  // The key is told whether it was asked for or not, as Dataverse does.
  const names = select ? [...new Set([...select, type.key])] : propertyNames(type)
  const told = names.map((name) => [name, toldValue(profile, type, row, name, exact)])
  return {
    ...(etags && { '@odata.etag': profile.etagOf(row.version) }),
    ...Object.fromEntries(told),
  }
}

function toldValue(
  { timeDigits }: Profile,
  type: EntityType,
  row: Row,
  name: string,
  exact: boolean,
): unknown {
  const value = valueIn(type, row, name)
  const property = propertyOf(type, name)
  if (value === null || !property) return null
  if (property.type === 'Edm.DateTimeOffset')
    return toldTime(String(value), name === type.modified ? timeDigits : undefined)
  if (property.type !== 'Edm.Decimal' && property.type !== 'Edm.Int64') return value
  const digits = withScale(String(value), property.scale ?? 0)
  return exact ? digits : exactNumber(digits)
}
