/** Contents of @skerry/ws for Node. Browsers take @skerry/ws/browser. */
export { type AcceptOptions, type Acceptor, acceptUpgrades } from './accept-upgrades.ts'
