/** What is wrong with a configuration, for the person who wrote it: where, what is there, and what was probably meant. */
import { nearest } from '@skerry/core'
import * as z from 'zod'

export interface ConfigIssue {
  path: readonly PropertyKey[]
  message: string
  /** It is the key that is wrong, and not what stands under it. */
  onKey?: boolean
}

/** Code units of a value quoted in a message. */
const QUOTED_MAX = 60

/** @param value what was checked against the schema, and failed */
export function issuesOf(schema: z.ZodType, value: unknown, error: z.ZodError): ConfigIssue[] {
  return error.issues.flatMap((issue) => described(schema, value, issue))
}

export function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

/** `; did you mean 'title'?`, or what there is. */
export function hintFor(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  if (meant !== undefined) return `did you mean '${meant}'?`
  return known.length > 0 ? `there is ${known.join(', ')}` : 'there is none'
}

function described(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue): ConfigIssue[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key '${dotted([...path, key])}'; ${hintFor(key, keysAt(schema, path))}`,
      onKey: true,
    }))
  if (issue.code === 'invalid_union') {
    const chosen = chosenOption(issue.errors)
    if (chosen && !isWrongWord(at(value, path), chosen))
      return chosen.flatMap((inner) => described(schema, value, { ...inner, path: [...path, ...inner.path] }))
  }
  const found = at(value, path)
  const subject = dotted(path) || 'config'
  if (found === undefined) return [{ path, message: `${subject} is missing` }]
  if (issue.code === 'invalid_value')
    return [
      {
        path,
        message: `${subject}: ${quoted(found)} does not stand here; ${hintFor(String(found), issue.values.map(String))}`,
      },
    ]
  return [{ path, message: `${subject}: ${issue.message}; it is ${quoted(found)}` }]
}

type Issues = readonly z.core.$ZodIssue[]

/** A word that is near to none of those that may stand here: then all that may stand here is told, and not words alone. */
function isWrongWord(found: unknown, issues: Issues): boolean {
  const [only] = issues
  if (only?.code !== 'invalid_value' || only.path.length > 0) return false
  return nearest(String(found), only.values.map(String)) === undefined
}

/** Of alternatives, the one that looks further into the value than its kind is the one that was meant. */
function chosenOption(options: readonly Issues[]): Issues | undefined {
  const looksInside = ({ path, code }: z.core.$ZodIssue) => path.length > 0 || code === 'unrecognized_keys'
  return (
    options.find((issues) => issues.some(looksInside)) ??
    options.find((issues) => issues.some(({ code }) => code !== 'invalid_type' && code !== 'custom'))
  )
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schemas = options(schema)
  for (const step of path) schemas = schemas.flatMap((one) => options(inside(one, step)))
  return [...new Set(schemas.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : [])))]
}

function options(schema: z.ZodType | undefined): z.ZodType[] {
  if (schema instanceof z.ZodOptional) return options(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(options)
  return schema ? [schema] : []
}

function inside(schema: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)] as z.ZodType | undefined
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType
  return undefined
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  )
}

function quoted(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const made = classOf(value)
  if (made !== undefined) return `an object of class ${made}`
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
  return text.length <= QUOTED_MAX ? text : `${text.slice(0, QUOTED_MAX)}…`
}

/** What a class made may hold secrets, or itself. */
function classOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { name } = (value.constructor ?? Object) as { name?: unknown }
  return typeof name === 'string' && name !== 'Object' ? name : undefined
}
