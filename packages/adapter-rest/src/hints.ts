/** Which rows a push speaks of, by the places of the config. What does not fit is no hint; the poll finds what it meant. */
import type { Hint } from '@skerry/bridge'
import * as z from 'zod'
import type { WebhookConfig } from './config-webhook.ts'
import { valueAt } from './path-in.ts'

const word = z.union([z.string().min(1), z.number()]).transform(String)

export function hintsOf({ hint, hints }: WebhookConfig, payload: unknown): Hint[] {
  if (hints) return hints(payload)
  const events = valueAt(payload, hint.each)
  return [events].flat().flatMap((event) => hintOf(hint, event) ?? [])
}

function hintOf(hint: WebhookConfig['hint'], event: unknown): Hint | undefined {
  const at = (path: string) => word.safeParse(valueAt(event, path)).data
  const [told, id] = [at(hint.type), at(hint.id)]
  const type = told === undefined ? undefined : typeOf(hint, told)
  if (type === undefined || id === undefined) return undefined
  return { type, id, externalId: at(hint.externalId), version: at(hint.version) }
}

/** `accounts.updated` is of accounts, unless the config names it. */
function typeOf({ types }: WebhookConfig['hint'], told: string): string | undefined {
  if (!types) return told.replace(/\.[^.]*$/, '')
  return Object.hasOwn(types, told) ? types[told] : undefined
}
