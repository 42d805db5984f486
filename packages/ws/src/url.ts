/** Checks the address of a link once, before anything is opened: a mistake here is the caller's, not the network's. */
import { LinkError } from './link-error.ts'

/** @returns the address as it will be dialled. @throws LinkError `url-invalid` */
export function linkUrl(url: string): string {
  const said = `connecting to ${JSON.stringify(url)}`
  if (!URL.canParse(url)) throw new LinkError('url-invalid', `${said}: not a URL; give wss://host/sync`)
  const parsed = new URL(url)
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:')
    throw new LinkError('url-invalid', `${said}: the scheme is ${parsed.protocol}, give ws: or wss:`)
  if (parsed.username || parsed.password)
    throw new LinkError(
      'url-invalid',
      `connecting to ${parsed.host}: no user or password in the URL; a session shows its credential`,
    )
  if (parsed.hash) throw new LinkError('url-invalid', `${said}: a WebSocket URL has no fragment`)
  return parsed.href
}
