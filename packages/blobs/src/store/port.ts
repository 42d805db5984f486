/**
 * Where blobs are kept on one device. Content is named by its hash, so that there is nothing to overwrite; what is here was verified, and is verified again before it is read after it lay on a disk
 * (SPEC.md, BL-10 to BL-13). The contract suite is in `test/store-contract.ts`.
 */
export interface BlobStat {
  sha256: string
  bytes: number
}

/** From `from` up to `to`, without it. */
export interface ByteRange {
  from: number
  to: number
}

export type BlobContent = Uint8Array | AsyncIterable<Uint8Array>

export interface BlobStore {
  /** Resolves when it is durable. @throws BlobError `wrong-hash`, `full`, `closed` */
  put(sha256: string, content: BlobContent): Promise<BlobStat>
  /** All of it, or a part; undefined when it is not here. @throws BlobError `damaged`, `closed` */
  read(sha256: string, range?: ByteRange): Promise<Uint8Array | undefined>
  stat(sha256: string): Promise<BlobStat | undefined>
  /** False when it was not here. */
  delete(sha256: string): Promise<boolean>
  /** Ascending by hash, above `after`. */
  list(options: { after?: string; limit: number }): Promise<BlobStat[]>
  size(): Promise<{ blobs: number; bytes: number }>
  close(): Promise<void>
}
