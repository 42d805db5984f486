/** What an attempt was refused with: its one error, of whatever kind it should be. */
import { expect } from 'vitest'

export interface Refusal extends Error {
  code: string
}

/** @throws Error when the attempt was not refused */
export async function refusalOf(attempt: () => unknown): Promise<Refusal> {
  try {
    await attempt()
  } catch (error) {
    return error as Refusal
  }
  throw new Error('the attempt was not refused')
}

/** For `toMatchObject`: this code, and each of these words in this order in the message. */
export function refusal(code: string, ...words: string[]) {
  return { code, message: inMessage(...words) }
}

/** Each of these words in this order. */
export function inMessage(...words: string[]): unknown {
  const pattern = words.map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^]*')
  return expect.stringMatching(new RegExp(pattern))
}
