/** What an app's worker takes, or a page that has its replica in its own thread; the panel is @skerry/devtools. */
export { type Inspection, inspection } from './inspect/inspection.ts'
export { NetworkSimulator } from './network/network-simulator.ts'
