/** What simulations and tests of other packages may use: a host without a machine, and a link without a network. */
export { type MemoryLink, memoryLink, type Side } from '../session/memory-transport.ts'
export { SeededRandom } from './seeded-random.ts'
export { VirtualClock } from './virtual-clock.ts'
export { type VirtualHostOptions, VirtualWorld } from './virtual-host.ts'
