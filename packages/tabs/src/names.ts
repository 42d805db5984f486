/** Names of locks and channels (SPEC, Locks and channels). */

export interface Names {
  seat: string
  leader: string
  lobby: string
  tab(id: string): string
  server(id: string): string
}

export function namesOf(name: string): Names {
  const prefix = `skerry:${name}:`
  return {
    seat: `${prefix}seat`,
    leader: `${prefix}leader`,
    lobby: `${prefix}lobby`,
    tab: (id) => `${prefix}tab:${id}`,
    server: (id) => `${prefix}server:${id}`,
  }
}

/** An id that nobody has. */
export function newName(): string {
  return crypto.randomUUID()
}
