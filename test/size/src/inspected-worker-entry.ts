/** What the worker of an app takes that can be looked into: the rest of the inspection is loaded when somebody looks. */
export { inspection } from '@skerry/devtools/worker'
export * as worker from './worker-entry.ts'
