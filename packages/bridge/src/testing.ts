/** For tests of adapters: the contract suite, and what it needs of a system. */
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
