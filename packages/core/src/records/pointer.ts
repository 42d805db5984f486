/** Paths as JSON pointers (RFC 6901), which is how issues, rules and receipts name fields. */

export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Also of a bare field name, which people write where there is only one level. */
export function pathOf(pointer: string): string[] {
  if (pointer === '') return []
  const parts = pointer.startsWith('/') ? pointer.slice(1).split('/') : [pointer]
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
