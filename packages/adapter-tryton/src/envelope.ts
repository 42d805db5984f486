/** What goes over the wire: a call with exactly three keys, and an answer that is believed only when it is one (SPEC TR-01). */
import * as z from 'zod'

export interface TrytonError {
  /** `UserError`, `UserWarning`, `ConcurrencyException`, `LoginException`; '' for what went wrong in the server itself. */
  name: string
  /** In the server's words, and the user's language. */
  message: string
  /** Of a warning: by what it is confirmed. */
  warning?: string
}

export type Told = { kind: 'result'; value: unknown } | { kind: 'refused'; error: TrytonError }

export function envelope(id: number, method: string, params: readonly unknown[]): string {
  return JSON.stringify({ id, method, params })
}

const answerSchema = z.union([
  z.strictObject({ id: z.number(), result: z.unknown() }),
  z.strictObject({ id: z.number(), error: z.array(z.unknown()) }),
])

/** Undefined for what is no answer to this call. */
export function readEnvelope(id: number, json: unknown): Told | undefined {
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success || parsed.data.id !== id) return undefined
  if ('error' in parsed.data) return { kind: 'refused', error: errorOf(parsed.data.error) }
  return { kind: 'result', value: parsed.data.result }
}

const named = ['UserError', 'UserWarning', 'ConcurrencyException', 'LoginException']

/** `["UserError", [message, description, domain]]`, `["UserWarning", [name, message, description]]`, `["ConcurrencyException", message]`; anything else is a Python exception's words. */
function errorOf([first, second]: readonly unknown[]): TrytonError {
  if (!named.includes(String(first))) return { name: '', message: String(first ?? '') }
  const parts = (Array.isArray(second) ? second : [second]).map((part) =>
    typeof part === 'string' ? part : '',
  )
  if (first === 'UserWarning')
    return { name: first, message: worded(parts[1], parts[2]), warning: parts[0] ?? '' }
  if (first === 'LoginException') return { name: first, message: worded(parts[1], '') }
  return { name: String(first), message: worded(parts[0], parts[1]) }
}

function worded(message = '', description = ''): string {
  return [message, description].filter((part) => part !== '').join(' ')
}
