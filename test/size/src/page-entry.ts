/** What a page of an app takes of Skerry. */
export * as react from '@skerry/react'
export { connectTabs } from '@skerry/tabs'
