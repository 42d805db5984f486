/** What page and worker of an app take together. */
export * as page from './page-entry.ts'
export * as worker from './worker-entry.ts'
