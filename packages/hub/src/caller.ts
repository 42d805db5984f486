/** Who is asking, and what they may see. */
import { type Credential, grants } from '@skerry/core'

export type Caller = { kind: 'admin' } | { kind: 'device'; credential: Credential }

export function mayRead(caller: Caller, channels: readonly string[]): boolean {
  return caller.kind === 'admin' || channels.some((channel) => grants(caller.credential.read, channel))
}
