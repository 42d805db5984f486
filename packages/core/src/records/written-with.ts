/**
 * Which version of its collection's schema a change was written with: told in the change's message, and so signed with it. A hub of an older version must not take back what it does
 * not understand.
 */
const form = /^v([1-9]\d{0,3})$/

/** Undefined for the first version: changes of collections that never moved say nothing. */
export function messageOf(version: number): string | undefined {
  return version === 1 ? undefined : `v${version}`
}

/** 1 where nothing that we know is said. */
export function versionIn(message: string): number {
  return Number(form.exec(message)?.[1] ?? 1)
}
