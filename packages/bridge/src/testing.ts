/** For tests of adapters: what the contract suite needs of a system. */
export type {
  ContractFaults,
  ContractSystem,
  Fault,
  Lack,
  OpenContractSystem,
  Strikes,
  TrueRow,
} from './contract/subject.ts'
