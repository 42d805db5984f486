/** Answers of a WebDAV server (RFC 4918), read with a schema as anything that a system sends. Prefixes are dropped: no two elements that are asked for here differ by their namespace alone. */
import { XMLParser } from 'fast-xml-parser'
import * as z from 'zod'

const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  // Numeric references: that is how the CR of a card comes.
  htmlEntities: true,
  isArray: (name) => name === 'response' || name === 'propstat',
})

/** An element that holds nothing is parsed as an empty text. */
const orNone = <Of extends z.ZodType>(of: Of) => z.union([of, z.literal('').transform(() => undefined)])

const propsSchema = z.object({
  getetag: z.string().optional(),
  'address-data': z.string().optional(),
  'sync-token': z.string().optional(),
})
const responseSchema = z.object({
  href: z.string().refine((href) => nameIn(href) !== null, 'want a path'),
  status: z.string().optional(),
  propstat: z.array(z.object({ status: z.string(), prop: orNone(propsSchema) })).default([]),
})
const multistatusSchema = z.object({
  multistatus: orNone(
    z.object({ response: z.array(responseSchema).default([]), 'sync-token': z.string().optional() }),
  ),
})
const errorSchema = z.object({ error: z.record(z.string(), z.unknown()) })

export interface Member {
  /** Its name in the collection, undefined for the collection itself. */
  name: string | undefined
  status: number
  /** Those that were found. */
  props: z.output<typeof propsSchema>
}

export interface Multistatus {
  members: Member[]
  syncToken: string | undefined
}

/** Undefined for what is no multistatus, or not all of one. */
export function parseMultistatus(body: string): Multistatus | undefined {
  const { success, data } = multistatusSchema.safeParse(parsed(body))
  if (!success) return undefined
  const { response = [], 'sync-token': syncToken } = data.multistatus ?? {}
  const members = response.map(({ href, status, propstat }) => {
    const found = propstat.find((one) => statusOf(one.status) === 200)
    return {
      name: nameIn(href) ?? undefined,
      status: status === undefined ? 200 : statusOf(status),
      props: found?.prop ?? {},
    }
  })
  return { members, syncToken }
}

/** What a refusal says: the preconditions that were not met, with the server's words. */
export function refusalIn(body: string): string[] {
  const { success, data } = errorSchema.safeParse(parsed(body))
  if (!success) return []
  return Object.entries(data.error)
    .filter(([name]) => !name.startsWith('?'))
    .map(([name, said]) => (typeof said === 'string' && said !== '' ? `${name}: ${said}` : name))
}

export function xml(text: string): string {
  return text.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`)
}

function parsed(body: string): unknown {
  try {
    return parser.parse(body, true)
  } catch {
    return undefined
  }
}

function statusOf(line: string): number {
  return Number(line.split(' ')[1])
}

/** Undefined for a collection, null for what is no address. */
function nameIn(href: string): string | undefined | null {
  try {
    return decodeURIComponent(href.slice(href.lastIndexOf('/') + 1)) || undefined
  } catch {
    return null
  }
}
