/** Replicas that meet on links in memory, where who may write is not what is tried: credentials in the open, and delivery until all is quiet. */
export { enrol, openVerifier } from './open-credentials.ts'
export { join, settle } from './quiet-links.ts'
