/** What adapters for HTTP systems have in common, so that each of them is only about its system. */
export { isLinkLocal, isThisMachine, pathBelow, stepsOut } from './address.ts'
export type { HeadersRead } from './allowance.ts'
export {
  type AgentSettings,
  type Exchange,
  exchange,
  guardedAgent,
  type HttpAnswer,
  type HttpSettings,
  type Told,
} from './exchange.ts'
export { renewedInMs, retryAfterMs } from './retry-after.ts'
export { Secret, secretSchema } from './secret.ts'
