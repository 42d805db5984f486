/** For tests of adapters: the contract suite and what it needs of a system, requests as a bridge makes them, and a hand on the wire. */
export { adapterContract } from './contract/adapter-contract.ts'
export { quickHost } from './contract/quick-host.ts'
export type {
  ContractFaults,
  ContractSystem,
  Fault,
  Lack,
  OpenContractSystem,
  Strikes,
  TrueRow,
} from './contract/subject.ts'
export { change, create, removal, rowIn } from './testing/requests.ts'
export { answerOf, onRequest, onWire } from './testing/wire.ts'
