/** What adapters for HTTP systems have in common, so that each of them is only about its system. */
export { isLinkLocal, stepsOut } from './address.ts'
export { type Exchange, exchange, type HttpAnswer, type HttpSettings, retryAfterMs } from './exchange.ts'
export { Secret, secretSchema } from './secret.ts'
