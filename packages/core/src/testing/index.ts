/** What simulations and tests of other packages may use: a host without a machine, a link without a network, and entries of one's own making. */
export { containerChange } from '../change/container.ts'
export { encodeChanges, encodeEntry, statementBytes } from '../log/entry.ts'
export { type MemoryLink, memoryLink, type Side } from '../session/memory-transport.ts'
export { SeededRandom } from './seeded-random.ts'
export { VirtualClock } from './virtual-clock.ts'
export { type VirtualHostOptions, VirtualWorld } from './virtual-host.ts'
