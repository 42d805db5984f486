/** How a field's value becomes the row's and back: by its kind, by functions, or as it is. */
import { equalJson, type Json } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { hintFor } from '../config-issue.ts'
import type { FieldConfig } from '../mapping-config.ts'
import { codeOf } from './code.ts'
import type { Field } from './field.ts'
import { type Conversion, type Converter, converterOf, formsOf } from './kinds.ts'
import type { Report } from './report.ts'
import { lostOnTheWay } from './round-trip.ts'

export function makeConversion(
  place: { report: Report; where: string; warn: (message: string) => void },
  name: string,
  config: FieldConfig,
): Pick<Field, 'to' | 'from' | 'same' | 'conversion'> | undefined {
  const { report, where } = place
  const { kind, to, from, reference } = config
  if (kind !== undefined) {
    const conversion = declared(report, { ...config, kind })
    const lost = conversion && lostOnTheWay(conversion)
    if (lost) place.warn(`${where}: ${name} does not come back as it went: ${lost}`)
    return conversion && { ...byKind(`${where}: ${name}`, converterOf(conversion)), conversion }
  }
  for (const key of ['as', 'scale', 'values'] as const)
    if (config[key] !== undefined && !(key === 'as' && reference !== undefined))
      report.within(key).sayOfKey("it belongs to a 'kind', and there is none")
  if (config.by !== undefined && reference === undefined)
    report.within('by').sayOfKey("it belongs to a 'reference', and there is none")
  if (reference !== undefined && (to !== undefined || from !== undefined))
    return report.say("it has a 'reference', and cannot have 'to' or 'from' beside it")
  const outwards = codeOf(`${where}: ${name}.to`, to, report.within('to'))
  const inwards = codeOf(`${where}: ${name}.from`, from, report.within('from'))
  return {
    to: (value) => (outwards ? outwards(value) : value) ?? null,
    from: (value) => (inwards ? inwards(value) : (value ?? undefined)),
    same: equalJson,
    ...((outwards || inwards) && { conversion: 'code' }),
  }
}

function declared(report: Report, config: FieldConfig & Conversion): Conversion | undefined {
  const { kind, as, scale, values } = config
  for (const key of ['to', 'from', 'reference'] as const)
    if (config[key] !== undefined)
      return report.within(key).sayOfKey(`it cannot stand beside 'kind'; choose one`)
  if (as !== undefined && !formsOf[kind]?.includes(as))
    return report.within('as').say(`${kind} has no form '${as}'; ${hintFor(as, formsOf[kind] ?? [])}`)
  if (scale !== undefined && kind !== 'decimal')
    return report.within('scale').sayOfKey(`it belongs to the kind decimal, and this is ${kind}`)
  if (values !== undefined && kind !== 'enum' && kind !== 'boolean')
    return report.within('values').sayOfKey(`it belongs to the kinds enum and boolean, and this is ${kind}`)
  if (values && kind === 'boolean' && Object.keys(values).sort().join() !== 'false,true')
    return report
      .within('values')
      .say(`a boolean has the values true and false, not ${Object.keys(values).join(', ')}`)
  return { kind, as, scale, values }
}

function byKind(what: string, { to, from }: Converter): Pick<Field, 'to' | 'from' | 'same'> {
  const guarded = (side: string, convert: (value: Json) => Json) => (value: Json | undefined) => {
    if (value === undefined || value === null) return undefined
    try {
      return convert(value)
    } catch (cause) {
      if (cause instanceof RangeError)
        throw new BridgeError('mapping', `${what}.${side}: ${cause.message}`, { cause })
      throw cause
    }
  }
  const [outwards, inwards] = [guarded('to', to), guarded('from', from)]
  return {
    to: (value) => outwards(value) ?? null,
    from: inwards,
    same: (a, b) => equalJson(a, b) || means(from, a, b),
  }
}

/** What cannot be read means nothing that another value could mean too. */
function means(from: (value: Json) => Json, a: Json, b: Json): boolean {
  if (a === null || b === null) return false
  try {
    return equalJson(from(a), from(b))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
