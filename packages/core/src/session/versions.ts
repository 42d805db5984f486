/** Which version of the protocol two sides speak (H2). SPEC.md, section Versions, says what a release speaks and when that changes. */
import { VERSION_MAX, VERSION_MIN } from './limits.ts'
import { ProtocolError } from './port.ts'

/** Both ends included. */
export interface VersionRange {
  min: number
  max: number
}

export const KNOWN_VERSIONS: VersionRange = { min: VERSION_MIN, max: VERSION_MAX }

/** The highest that both speak. @throws ProtocolError version-unsupported */
export function chooseVersion(acceptor: VersionRange, own: VersionRange): number {
  const version = Math.min(acceptor.max, own.max)
  if (version >= Math.max(acceptor.min, own.min)) return version
  const message = `the acceptor knows versions ${acceptor.min} to ${acceptor.max}, this side ${own.min} to ${own.max}`
  throw new ProtocolError('version-unsupported', `${message}; upgrade the older side`)
}
