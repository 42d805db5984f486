/** Where a listing stands, as a word that only this adapter reads. Times in milliseconds are by the service's clock. */
import * as z from 'zod'
import { LINK_LENGTH_MAX } from './limits.ts'

const whole = z.number().int().min(0)
/** As the service told it: no more digits are lost than it has. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)$/)
const id = z.string().min(1)

const schemas = {
  /** By the time of the last change. */
  modified: z.strictObject({
    kind: z.literal('modified'),
    /** Rows changed then and later. */
    since: whole,
    /** When the pass began; absent between two passes. */
    startedAt: whole.optional(),
    /** Up to which row it has come. */
    at: z.strictObject({ time, id }).optional(),
  }),
  /** By the service's own links. */
  delta: z.strictObject({
    kind: z.literal('delta'),
    /** Below the service. */
    link: z.string().startsWith('/').max(LINK_LENGTH_MAX),
    /** Rows of that page that were told already. */
    told: whole.optional(),
  }),
  /** Of a whole listing: after which row. */
  list: z.strictObject({ kind: z.literal('list'), after: id.optional() }),
} as const

type Kind = keyof typeof schemas
export type Position<Of extends Kind> = z.output<(typeof schemas)[Of]>

/** Undefined for what this adapter did not make. */
export function readPosition<Of extends Kind>(kind: Of, text: string): Position<Of> | undefined {
  return schemas[kind].safeParse(parsed(text)).data as Position<Of> | undefined
}

export function writePosition(position: Position<Kind>): string {
  return JSON.stringify(position)
}

/** Whether the service gave this text as a time that can be asked for again. */
export function isTime(text: unknown): text is string {
  return time.safeParse(text).success
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
