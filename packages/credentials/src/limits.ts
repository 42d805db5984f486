/** Ceilings of a credential, each with its unit and reason. A token travels in handshakes and beside entries, so its size is everybody's. */

/** Length of a token, characters (ASCII): core allows 64 KiB for the handshake message that carries it. */
export const TOKEN_LENGTH_MAX = 16 * 1024
/** Channels in the read list, and in the write list: as many as one session may ask for. */
export const CHANNELS_PER_LIST_MAX = 1_024
/** External systems one adapter node serves; a real one serves one or two. */
export const SYSTEMS_MAX = 64
/** Space, subject, channel and system names, code units: the same as core's limit for channel names. */
export const NAME_LENGTH_MAX = 200
/** Keys of the authority that are trusted at once: the present one and those being rotated out. */
export const AUTHORITY_KEYS_MAX = 8
/** Verified tokens kept, so that a signature is not checked again for every entry that cites it: about 2 KiB each. */
export const VERIFIED_TOKENS_MAX = 2_048
/** Ed25519 public keys and seeds, bytes (RFC 8032, section 5.1.5). */
export const KEY_BYTES = 32
/** Length of a proof of possession, characters: a long address and a key. */
export const PROOF_LENGTH_MAX = 4_096
/** How far a proof's time may be from the checker's clock, either way: a slow radio, and a clock that is a little wrong. */
export const PROOF_AGE_MS_MAX = 60_000
