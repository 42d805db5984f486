/** What can only be said of fields and mappings beside each other, when the configuration is read. */
import type { Collection } from '@skerry/core'
import { hintFor } from '../config-issue.ts'
import { namedFields } from '../identity/identity-config.ts'
import type { MappingConfig } from '../mapping-config.ts'
import type { Field } from './field.ts'
import { isSameOrInside, type Path, parsePath } from './path.ts'
import type { Report } from './report.ts'

/** Which of several mappings a record or a row belongs to is decided by their filters, in their order (SPEC B-89). */
export function checkAmongEachOther(configs: readonly MappingConfig[], report: Report): void {
  for (const [i, { collection, type, filter, fields }] of configs.entries()) {
    const later = configs.slice(i + 1)
    const at = report.within(i)
    if (later.some((other) => other.type === type && other.collection === collection))
      at.say(
        `collection '${collection}' and type '${type}' stand in two mappings of one bridge; each pair belongs to one`,
      )
    else if (filter?.out === undefined && later.some((other) => other.collection === collection))
      at.say(
        `collection '${collection}' stands in two mappings, and the first has no filter.out: nothing would be left for the second`,
      )
    else if (filter?.in === undefined && later.some((other) => other.type === type))
      at.say(
        `type '${type}' stands in two mappings, and the first has no filter.in: nothing would be left for the second`,
      )
    for (const [name, field] of Object.entries(fields)) {
      const reference = typeof field === 'string' ? undefined : field.reference
      const known = [...new Set(configs.map((other) => other.collection))]
      if (reference !== undefined && !known.includes(reference))
        at.within('fields', name, 'reference').say(
          `no mapping of this bridge is of the collection '${reference}'; ${hintFor(reference, known)}`,
        )
    }
  }
}

/** Two that write one place would undo each other for ever; reading it twice harms nobody. */
export function checkOverlaps(report: Report, field: Field, others: readonly Field[]): void {
  for (const other of others) {
    const both = (idle: 'in' | 'out') => field.direction !== idle && other.direction !== idle
    const there = both('in') ? meeting(field.row, other.row) : undefined
    if (there !== undefined)
      report.sayOfKey(
        `the external field '${there}' stands for two fields that are written, ${other.name} and ${field.name}`,
      )
    const here = both('out') ? meeting(field.record, other.record) : undefined
    if (here !== undefined)
      report.sayOfKey(
        `the field '${here}' is taken from two external fields, ${other.external} and ${field.external}`,
      )
  }
}

function meeting(paths: readonly Path[], others: readonly Path[]): string | undefined {
  return paths.find(({ steps }) => others.some((other) => isSameOrInside(steps, other.steps)))?.text
}

export function checkDefaults(
  report: Report,
  collection: Collection,
  { defaults = {}, rowDefaults = {} }: MappingConfig,
): void {
  const known = [...collection.shape.fields.keys()]
  for (const name of Object.keys(defaults))
    if (!known.includes(name))
      report
        .within('defaults', name)
        .sayOfKey(`'${name}' is no field of ${collection.name}; ${hintFor(name, known)}`)
  for (const name of Object.keys(rowDefaults))
    report.within('rowDefaults', name).attempt(() => parsePath(name))
}

/** Only what both sides have can be compared, or survive on both. */
export function checkIdentity(report: Report, fields: readonly Field[], config: MappingConfig): void {
  const mapped = fields.flatMap(({ record }) => record.map(({ text }) => text))
  const hashed = fields.filter((field) => field.hashed).map(({ name }) => name)
  for (const name of namedFields(config).match.filter((one) => hashed.includes(one)))
    report
      .within('match')
      .say(`'${name}' is hashed: what it says is kept in no table, so nothing can be found by it`)
  for (const [key, named] of Object.entries(namedFields(config)))
    for (const name of named)
      if (!mapped.includes(name))
        report.within(key).say(`'${name}' is no mapped field; ${hintFor(name, mapped)}`)
}
