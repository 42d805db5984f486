/** Values: text there, typed here by what HubSpot says of the property (SPEC HS-06, HS-25). */
import type { FieldKind } from '@skerry/bridge'
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import { FLOAT_DIGITS } from './limits.ts'

export const definitionSchema = z.object({
  name: z.string(),
  label: z.string().optional(),
  type: z.string(),
  fieldType: z.string().catch(''),
  options: z.array(z.object({ value: z.string(), hidden: z.boolean().catch(false) })).catch([]),
  hasUniqueValue: z.boolean().catch(false),
  showCurrencySymbol: z.boolean().catch(false),
  calculated: z.boolean().catch(false),
  archived: z.boolean().catch(false),
  modificationMetadata: z
    .object({ readOnlyValue: z.boolean().catch(false) })
    .optional()
    .catch(undefined),
})

export type Definition = z.output<typeof definitionSchema>

const kinds: Readonly<Record<string, FieldKind>> = {
  number: 'number',
  bool: 'boolean',
  date: 'date',
  datetime: 'time',
  enumeration: 'enum',
  json: 'text',
}

export function kindOf({ type, fieldType, showCurrencySymbol }: Definition): FieldKind {
  if (type === 'number' && showCurrencySymbol) return 'decimal'
  // Several options in one text, with `;` between them.
  if (type === 'enumeration' && fieldType === 'checkbox') return 'text'
  return kinds[type] ?? 'text'
}

/** As the bridge knows it. What does not look like its type is told as it is: nothing may be lost. */
export function typedValue(definition: Definition, text: string | null): Json {
  if (text === null || text === '') return null
  switch (kindOf(definition)) {
    case 'number':
      return /^-?[\d.]+$/.test(text) && significantDigits(text) <= FLOAT_DIGITS ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'date':
      return timeText(text)?.slice(0, 10) ?? text
    case 'time':
      return timeText(text) ?? text
    default:
      return text
  }
}

/** As HubSpot takes them, or the names of those that it does not take. */
export function textsOf(fields: JsonObject): Record<string, string> | { wrong: string[] } {
  const texts = Object.entries(fields).map(([name, value]) => [name, textOf(value)] as const)
  const wrong = texts.flatMap(([name, text]) => (text === undefined ? [name] : []))
  return wrong.length > 0 ? { wrong } : (Object.fromEntries(texts) as Record<string, string>)
}

function textOf(value: Json | undefined): string | undefined {
  if (value === null) return ''
  if (typeof value === 'string' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  // HubSpot reads no exponents.
  const text = String(value)
  return text.includes('e')
    ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 })
    : text
}

/** Milliseconds, a day, or a time, in UTC. */
function timeText(text: string): string | undefined {
  const ms = /^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

function significantDigits(text: string): number {
  return text.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length
}
