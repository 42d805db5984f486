/**
 * Who signed, and where somebody stood, each as one text. The fields of an object merge one by one, so that of two who sign at once the name of one would stand over the drawing of the other; of two texts
 * one stands as a whole, and the other beside it until somebody chooses. The text is JSON. Apart from the schema, so that a page can read it without loading that.
 */

/** Of whoever received the work. Times are milliseconds since 1970. */
export interface Signature {
  name: string
  at: number
  /** Path data of an SVG, 320 wide and 120 high; none where a typed name stands for it. */
  drawing?: string | undefined
}

/** Where the technician stood. */
export interface Stamp {
  latitude: number
  longitude: number
  /** Metres within which the place is right, with a chance of 95 %. */
  accuracy: number
  at: number
}

/** Code units of a drawn signature: a long one has some 400 points. */
export const DRAWING_LENGTH_MAX = 8_000

/** Code units of a text: a drawing, and a name of which each letter may be escaped. */
export const ONE_VALUE_LENGTH_MAX = 10_000

interface Signed {
  /** As it is written. */
  signed?: string | undefined
  /** As it was written before. */
  signature?: Signature | undefined
}

interface Stamped {
  stamped?: string | undefined
  stamp?: Stamp | undefined
}

/** The order's: the newer one, where a device of an earlier build has signed beside. */
export function signatureOf({ signed, signature }: Signed): Signature | undefined {
  return newer(signatureIn(signed), signature)
}

/** Replaces both: whoever takes the signature away means what was shown. */
export function sign(order: Signed, signature: Signature | undefined): void {
  delete order.signature
  if (signature) order.signed = JSON.stringify(signature)
  else delete order.signed
}

export function stampOf({ stamped, stamp }: Stamped): Stamp | undefined {
  return newer(stampIn(stamped), stamp)
}

export function putStamp(order: Stamped, stamp: Stamp): void {
  delete order.stamp
  order.stamped = JSON.stringify(stamp)
}

/** Undefined for what is none. */
export function signatureIn(text: string | undefined): Signature | undefined {
  const { name, at, drawing } = fieldsIn(text)
  if (typeof name !== 'string' || name === '' || !isNumber(at)) return undefined
  if (drawing === undefined) return { name, at }
  if (typeof drawing !== 'string' || drawing.length > DRAWING_LENGTH_MAX) return undefined
  return { name, at, drawing }
}

export function stampIn(text: string | undefined): Stamp | undefined {
  const { latitude, longitude, accuracy, at } = fieldsIn(text)
  if (!isNumber(latitude) || !isNumber(longitude) || !isNumber(accuracy) || !isNumber(at)) return undefined
  return { latitude, longitude, accuracy, at }
}

function newer<Value extends { at: number }>(
  one: Value | undefined,
  other: Value | undefined,
): Value | undefined {
  if (!one || !other) return one ?? other
  return other.at > one.at ? other : one
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function fieldsIn(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // No JSON: whoever asks is told that it holds nothing.
    return {}
  }
}
