/** An oracle's finding, by the oracle's name. The first one ends the run. */
export type OracleName =
  | 'accused'
  | 'acknowledged'
  | 'audited'
  | 'converged'
  | 'replay'
  | 'reads'
  | 'channels'
  | 'rights'
  | 'effects'
  | 'chained'
  | 'liveness'
  | 'healed'
  | 'baseline'
  | 'bytes'
  | 'views'
  | 'presence'

export class OracleFailed extends Error {
  override readonly name = 'OracleFailed'
  readonly oracle: OracleName
  constructor(oracle: OracleName, message: string) {
    super(`${oracle}: ${message}`)
    this.oracle = oracle
  }
}
