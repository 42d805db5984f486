/** Links that lead on, and the opaque words in them. */
import type { EntityType } from '../types/entity-type.ts'
import type { Ask } from './endpoint.ts'

/** The address that was asked, with other words in it. */
export function linkOf(
  { world, query, origin }: Ask,
  { set }: EntityType,
  words: Record<string, string>,
): string {
  const params = new URLSearchParams(query)
  for (const name of ['$skiptoken', '$deltatoken', '$skip']) params.delete(name)
  for (const [name, word] of Object.entries(words)) params.set(name, word)
  const { relativeLinks, root } = world.profile
  return `${relativeLinks ? '' : `${origin}${root}/`}${set}?${params}`
}

/** As many rows as the service, the settings and the caller let a page have. */
export function pageRowsOf({ world, preferences }: Ask): number {
  const wanted = Number(preferences.get('maxpagesize') ?? Number.NaN)
  const most = Math.min(world.profile.pageRowsMax, world.settings.pageRowsMax)
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, most) : most
}

export function writeToken(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

/** Undefined for what no service made. */
export function readToken<Content extends { kind: string }>(
  token: string,
  kind: Content['kind'],
): Content | undefined {
  try {
    const content: Content = JSON.parse(Buffer.from(token, 'base64url').toString())
    return content.kind === kind ? content : undefined
  } catch {
    return undefined
  }
}
