/** What the worker of an app takes of Skerry. */
export { browserHost, openReplica, startEngine } from '@skerry/browser'
export { collection, counter, keyed, lens, text } from '@skerry/core'
export { liveOver } from '@skerry/live'
export { idbStore } from '@skerry/store-idb'
export { serveTabs } from '@skerry/tabs/worker'
export { connect } from '@skerry/ws/browser'
