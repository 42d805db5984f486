/** User and password, from wherever the configuration says, read again at each login: a changed password needs no restart (SPEC TR-07). */
import type { TrytonConfig } from './config.ts'

export interface Identity {
  user: string
  password: string
}

/** A text says why there is none. */
export function identityOf({ user, password }: TrytonConfig): Identity | string {
  try {
    return { user: user.value, password: password.value }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function isSameIdentity(one: Identity, other: Identity): boolean {
  return one.user === other.user && one.password === other.password
}
