/** The inspection port over tabs (SPEC, Inspection): `inspectTabs` for the page, `inspectPort` for the worker. */
export type { InspectPort } from './served-tab.ts'
export { inspectPort, inspectTabs } from './tab-inspect.ts'
