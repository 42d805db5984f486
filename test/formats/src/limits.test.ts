/** The numbers of the pages are those of the code. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultChangeLimits, presenceLimits, sessionLimits } from '@skerry/core'
import { describe, expect, test } from 'vitest'

const units: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
}

/** `4 MiB + 64 KiB`, `1,024`, `10 s`: undefined for anything else than numbers with a unit. */
function numberIn(text: string): number | undefined {
  const parts = text.split(' + ').map((part) => /^([\d,]+)( ?([A-Za-z]+))?/.exec(part))
  if (parts.some((part) => part === null)) return undefined
  return parts.reduce(
    (sum, part) => sum + Number(part![1]!.replaceAll(',', '')) * (units[part![3] ?? ''] ?? 1),
    0,
  )
}

/** Names of limits in the tables of a page, each with what stands beside it. */
function limitsIn(page: string): [name: string, value: number | undefined][] {
  const text = readFileSync(join(import.meta.dirname, '../../../packages/core/src', page), 'utf8')
  return text.split('\n').flatMap((line) => {
    const [, names, value] = /^\| ([\w, ]+?) +\| ([^|]+?) +\|/.exec(line) ?? []
    if (!names || !value || !/^([A-Z][A-Z_]+|[a-z]+[A-Z]\w+)/.test(names)) return []
    const values = names.includes(', ') ? value.split(', ') : [value]
    return names
      .split(', ')
      .map((name, i) => [name, numberIn(values[i] ?? '')] as [string, number | undefined])
  })
}

describe('limits', () => {
  test.each([
    ['session/SPEC.md', sessionLimits, 20],
    ['ephemeral/SPEC.md', presenceLimits, 15],
    ['change/SPEC.md', defaultChangeLimits, 12],
  ])('%s says the numbers that are held to', (page, limits, least) => {
    const told = limitsIn(page).filter(([name, value]) => value !== undefined && name in limits)
    const held = limits as unknown as Record<string, number | object>
    const numbers = told.filter(([name]) => typeof held[name] === 'number')
    expect(numbers.length).toBeGreaterThanOrEqual(least)
    expect(numbers).toEqual(numbers.map(([name]) => [name, held[name]]))
  })
})
