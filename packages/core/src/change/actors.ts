// Actor ids say by their first byte who may write under them. All are 17 bytes, so that none is taken for an
// Automerge default (16 bytes).
//
//   00  run        16 random bytes, new for each run of a replica
//   01  container  hash of the container's address: anyone can derive it, so its one change is recomputed, and
//                  nothing else is accepted under it
//   02  import     hash of the external row and version: two adapter nodes that import one row write the same

export const ACTOR_BYTES = 17
const ACTOR_HEX = new RegExp(`^0[012][0-9a-f]{${2 * (ACTOR_BYTES - 1)}}$`)

export type ActorKind = 'run' | 'container' | 'import'

const kinds: readonly ActorKind[] = ['run', 'container', 'import']

/** First byte of an actor id of this kind. */
export function actorPrefix(kind: ActorKind): number {
  return kinds.indexOf(kind)
}

/**
 * The kind of a lower-case hex actor id, or `undefined` when it is none of ours: such a change is refused as
 * 'bad-actor'.
 */
export function actorKind(actorHex: string): ActorKind | undefined {
  return ACTOR_HEX.test(actorHex) ? kinds[actorHex.charCodeAt(1) - 0x30] : undefined
}
