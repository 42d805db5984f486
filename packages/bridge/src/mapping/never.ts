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
  const isWritten = (direction = config.direction ?? 'both') => direction !== 'in'
  const check = (side: 'record' | 'row', name: string, at: Report) => {
    const path = pathOf(name)
    const hidden = path && never[side].find(({ steps }) => isSameOrInside(steps, path.steps))
    if (hidden)
      at.sayOfKey(
        `'${name}' is, holds or lies in '${hidden.text}', which is never bridged (never.${side}); take it out of one of them`,
      )
    return hidden === undefined
  }
  /** Of an object all is written, or a system that replaces it would lose the rest (B-70). */
  const checkBeside = (name: string, at: Report) => {
    const path = pathOf(name)
    const beside = path && never.row.find(({ root, steps }) => root === path.root && steps.length > 1)
    if (beside)
      at.sayOfKey(
        `'${name}' is written with all of ${beside.root}, and '${beside.text}' in it is never bridged (never.row); only read it (direction: in), or take out one of them`,
      )
  }
  const checkRow = (name: string, at: Report, writes: boolean) => {
    if (check('row', name, at) && writes) checkBeside(name, at)
  }
  for (const [name, field] of Object.entries(fields)) {
    const at = report.within('fields', name)
    const { field: external, direction } = typeof field === 'string' ? { field, direction: undefined } : field
    check('record', name, at)
    checkRow(external, at, isWritten(direction))
  }
  for (const [i, { record, row, direction }] of groups.entries()) {
    for (const [j, name] of record.entries()) check('record', name, report.within('groups', i, 'record', j))
    for (const [j, name] of row.entries())
      checkRow(name, report.within('groups', i, 'row', j), isWritten(direction))
  }
  for (const name of Object.keys(defaults)) check('record', name, report.within('defaults', name))
  for (const name of Object.keys(rowDefaults)) checkRow(name, report.within('rowDefaults', name), true)
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
