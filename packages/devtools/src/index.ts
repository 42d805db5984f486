/** The panel for the page; an app imports it when somebody asks for it (`await import('@skerry/devtools')`). What the worker needs is @skerry/devtools/worker. */
export { type DevtoolsOptions, mountDevtools } from './mount.ts'
