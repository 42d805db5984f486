/** What a page loads when somebody opens the developer tools. */
export { mountDevtools } from '@skerry/devtools'
export { inspectTabs } from '@skerry/tabs/inspect'
