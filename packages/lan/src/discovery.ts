/**
 * The port through which nodes of a LAN find each other: mDNS on real networks, a fake one in tests. What it tells is a hint and nothing more: anybody may say
 * anything here, and only the handshake of a session proves who answers.
 */

/** What a node says of itself, in the clear. */
export interface Service {
  space: string
  /** Node id: hex of the first 16 bytes of sha256(public key). */
  node: string
  /** Versions of the session protocol that it speaks. */
  versionMin: number
  versionMax: number
  /** Where it accepts WebSockets, at `/sync`. */
  port: number
}

/** Somebody said that a service is there, or (`forMs` 0) that it goes. */
export interface Sighting extends Omit<Service, 'port'> {
  /** Where to dial it. */
  url: string
  /** Milliseconds for which this may be believed. */
  forMs: number
}

export interface Discovery {
  /** Says that this service is here, until `close`. Called once. */
  announce(service: Service): void
  /** Hears of every service that shows itself, this node's own too. Called once. */
  discover(seen: (sighting: Sighting) => void): void
  /** Says that the service goes, and lets go of the network. Resolves when no timer or socket is left; never rejects. */
  close(): Promise<void>
}
