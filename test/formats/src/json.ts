/** JSON in rows and bodies: UTF-8, and no member that its page does not name. */
export function textIn(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

export function jsonIn(bytes: Uint8Array): unknown {
  return JSON.parse(textIn(bytes))
}

/** An object that has all of these members, perhaps some of those, and no others. */
export function exactly<T>(value: unknown, members: readonly string[], perhaps: readonly string[] = []): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object')
  for (const member of members) if (!(member in value)) throw new Error(`${member} is missing`)
  for (const member of Object.keys(value))
    if (!members.includes(member) && !perhaps.includes(member)) throw new Error(`${member} is unknown`)
  return value as T
}

/** A whole number in decimal digits, as rows have it. */
export function decimalIn(bytes: Uint8Array): number {
  const text = textIn(bytes)
  if (!/^(0|[1-9]\d*)$/.test(text)) throw new Error(`'${text}' is no number`)
  return Number(text)
}
