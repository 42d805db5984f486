/**
 * Where an adapter may call: the system of its config, below its base address, and nothing else. Ids come from elsewhere, and redirects are not followed (exchange.ts). Link-local addresses are no system's: a cloud keeps
 * the keys of its machines there (169.254.169.254), for whoever can make one of them ask.
 */

/** fe80::/10, and 169.254.0.0/16 as an IPv6 address has it. */
const LINK_LOCAL_6 = /^\[(?:fe[89ab][0-9a-f]:|::ffff:a9fe:)/

/** `url`: as `new URL` reads it, which knows every spelling of an address. */
export function isLinkLocal(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname.startsWith('169.254.') || LINK_LOCAL_6.test(hostname)
}

/** Whether a path below the base address would be read as another one: an id that is `.` or `..` steps out of its place, also when it is encoded. */
export function stepsOut(path: string): boolean {
  const [place = ''] = path.split(/[?#]/, 1)
  return place.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part))
}
