/** Credentials of a space as signed JWTs: made by its authority, checked by everyone. */
export { AskedClock } from './asked-clock.ts'
export { type Authority, type AuthorityJwk, authorityFromJwk, createAuthority } from './authority.ts'
export {
  authorityOf,
  type Enrolled,
  EnrolmentError,
  enrolDevice,
  type HubDoor,
  renewalDueAt,
  renewCredential,
} from './enrol.ts'
export { CREDENTIAL_TYPE, type CredentialRequest, issueCredential } from './issue.ts'
export {
  AUTHORITY_KEYS_MAX,
  CHANNELS_PER_LIST_MAX,
  NAME_LENGTH_MAX,
  PROOF_AGE_MS_MAX,
  PROOF_LENGTH_MAX,
  SYSTEMS_MAX,
  TOKEN_LENGTH_MAX,
} from './limits.ts'
export { pinningVerifier, verifierOf } from './pinning.ts'
export {
  checkPossession,
  PossessionError,
  type ProvenRequest,
  type ProvingKey,
  provePossession,
} from './possession.ts'
export { type Renewing, renewInTime } from './renew-in-time.ts'
export { pinnedAuthority } from './token.ts'
export { credentialVerifier, type VerifierOptions } from './verifier.ts'
