/** Why a blob stands as it does: a code, for apps that say it in their user's language, and words for whoever looks closer. */
export type BlobReasonCode =
  /** Nobody asked for it yet. */
  | 'not-fetched'
  /** Nobody answers, or there is nobody to ask. */
  | 'unreachable'
  /** What answers is no hub: a network that wants a sign-in, mostly. */
  | 'no-hub'
  /** This device has no credential yet. */
  | 'no-credential'
  /** Whoever was asked gave something else than what the record refers to. */
  | 'wrong-content'
  | 'edits-first'
  /** The host does not let it go out now (`mayUpload`). */
  | 'not-now'
  /** This device lost the original before it was sent. */
  | 'lost'
  /** The replica's own store failed. */
  | 'store-failing'
  /** Refused by a version of this package that kept no code. */
  | 'refused'
  /** The hub's own, as `blob-not-sent`, `blob-too-large`, `too-many-uploads`. */
  | (string & {})

export interface BlobReason {
  code: BlobReasonCode
  /** English. */
  words: string
}

/** Of what is more than that. */
export function reasonOf({ code, words }: BlobReason): BlobReason {
  return { code, words }
}
