/** Who there is in the demo database. It is thrown away with its server, which listens on loopback only, so that these passwords open nothing. */
export interface Person {
  login: string
  password: string
}

export const people = {
  /** May do everything. */
  admin: { login: 'admin', password: 'Adm1n-tryton-pw' },
  /** The adapter's own user: everything but administration. */
  skerry: { login: 'skerry', password: 'Br1dge-tryton-pw' },
  /** Somebody at a desk; the same rights. */
  office: { login: 'office', password: 'Off1ce-tryton-pw' },
} as const satisfies Record<string, Person>

/** The group that the two are not in. */
export const ADMINISTRATION = 'Administration'
