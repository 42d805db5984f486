/** What is never bridged, when the configuration is read: it must be there, and nothing else of the mapping may lead to it (SPEC B-157). */
import type { Collection } from '@skerry/core'
import type { MappingConfig, NeverConfig } from '../mapping-config.ts'
import { recordPath } from './make-field.ts'
import { isSameOrInside, type Path, parsePath } from './path.ts'
import type { Report } from './report.ts'

export interface Never {
  record: readonly Path[]
  row: readonly Path[]
}

export function neverBridged(
  report: Report,
  collection: Collection,
  { record = [], row = [] }: NeverConfig = {},
): Never {
  const ofRecord = record.map(
    (name, i) => recordPath({ collection, report: report.within('record', i) }, name)?.path,
  )
  const ofRow = row.map((name, i) => report.within('row', i).attempt(() => parsePath(name)))
  return {
    record: ofRecord.filter((path) => path !== undefined),
    row: ofRow.filter((path) => path !== undefined),
  }
}

/** Fields, groups and defaults that would bridge it all the same. */
export function checkNever(report: Report, never: Never, config: MappingConfig): void {
  const { fields, groups = [], defaults = {}, rowDefaults = {} } = config
  const check = (side: 'record' | 'row', name: string, at: Report) => {
    const path = pathOf(name)
    const hidden = path && never[side].find(({ steps }) => isSameOrInside(steps, path.steps))
    if (hidden)
      at.sayOfKey(
        `'${name}' is, holds or lies in '${hidden.text}', which is never bridged (never.${side}); take it out of one of them`,
      )
  }
  for (const [name, field] of Object.entries(fields)) {
    check('record', name, report.within('fields', name))
    check('row', typeof field === 'string' ? field : field.field, report.within('fields', name))
  }
  for (const [i, { record, row }] of groups.entries()) {
    for (const [j, name] of record.entries()) check('record', name, report.within('groups', i, 'record', j))
    for (const [j, name] of row.entries()) check('row', name, report.within('groups', i, 'row', j))
  }
  for (const name of Object.keys(defaults)) check('record', name, report.within('defaults', name))
  for (const name of Object.keys(rowDefaults)) check('row', name, report.within('rowDefaults', name))
}

/** What is no path is said where it is read. */
function pathOf(name: string): Path | undefined {
  try {
    return parsePath(name)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
