/** What a request says about who a device is for and what it may do, as zod fields: the same wherever a credential is asked for. */
import { CHANNELS_PER_LIST_MAX, NAME_LENGTH_MAX, SYSTEMS_MAX } from '@skerry/credentials'
import * as z from 'zod'

const name = z.string().min(1).max(NAME_LENGTH_MAX)
const channels = z
  .array(name)
  .max(CHANNELS_PER_LIST_MAX)
  .refine((list) => list.length === 1 || !list.includes('*'), "'*' stands alone")

/** The device's Ed25519 public key, 32 bytes. */
export const deviceKey = z.string().regex(/^[0-9a-f]{64}$/, 'want 64 lower-case hex digits')

export const grantFields = {
  subject: name,
  read: channels,
  write: channels,
  systems: z.array(name).max(SYSTEMS_MAX).default([]),
} as const
