/** What adapters for HTTP systems have in common, so that each of them is only about its system. */
export { isThisMachine, pathBelow, stepsOut } from './address.ts'
export type { HeadersRead } from './allowance.ts'
export { type Auth, type AuthOptions, authSchema, type Signed } from './auth.ts'
export { parseJson } from './exact-json.ts'
export {
  type AgentSettings,
  type Exchange,
  exchange,
  guardedAgent,
  type HttpAnswer,
  type HttpSettings,
  type Told,
} from './exchange.ts'
export { Identity, type Proof } from './identity.ts'
export {
  REASON_LENGTH_MAX,
  SECRET_LENGTH_HIDDEN_MIN,
  WEBHOOK_AGE_MS_MAX,
  WEBHOOK_BYTES_HELD_MAX,
  WEBHOOK_BYTES_MAX,
  WEBHOOK_CONNECTIONS_MAX,
  WEBHOOK_IDS_MAX,
} from './limits.ts'
export { fieldsOf, problemOf, reasonOf, speaksOfAnError } from './problem.ts'
export { HeardPushes, isSameText, listenForPushes, type Push } from './pushes.ts'
export { renewedInMs, retryAfterMs } from './retry-after.ts'
export { Secret, secretSchema } from './secret.ts'
export { ServerClock } from './server-clock.ts'
export { systemUrlSchema } from './system-url.ts'
export { failureUnread, type Purpose } from './unread.ts'
