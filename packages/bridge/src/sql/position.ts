/** Where `changes` and `list` stand, as text: the listing of the whole table behind a key, and the mark of a source behind it. */
import * as z from 'zod'
import type { Shape } from './shape.ts'

const keySchema = z.array(z.string()).min(1)

const changesSchema = z.strictObject({
  /** The source's kind: a mark of another one is of no use. */
  by: z.string(),
  /** The source's own: from where it goes on. */
  mark: z.json(),
  /** While the table is listed: behind which key; empty at the beginning. Absent: it was. */
  behind: z.array(z.string()).optional(),
})

export type ChangesPosition = z.output<typeof changesSchema>

/** Undefined for a position that this adapter did not make for this table. */
export function readChanges(text: string, by: string, { key }: Shape): ChangesPosition | undefined {
  const position = parsed(changesSchema, text)
  if (position?.by !== by) return undefined
  const length = position.behind?.length ?? 0
  return length === 0 || length === key.length ? position : undefined
}

/** Behind which key a whole listing goes on. */
export function readList(text: string, { key }: Shape): readonly string[] | undefined {
  const behind = parsed(z.strictObject({ behind: keySchema }), text)?.behind
  return behind?.length === key.length ? behind : undefined
}

function parsed<Output>(schema: z.ZodType<Output>, text: string): Output | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
