/** Lives, one after the other, in a process of their own: as many of these as there are cores. */
import { startEngine } from '@skerry/node'
import { serve } from '../serve.ts'
import { openBridged } from './bridged-here.ts'
import { Life, type LifeSize } from './life.ts'
import { openNaive } from './naive-here.ts'

await startEngine()

const commands = {
  live: ({ seed, size }: { seed: number; size: LifeSize }) => new Life(openBridged, seed, size).run(),
  liveNaively: ({ seed, size }: { seed: number; size: LifeSize }) => new Life(openNaive, seed, size).run(),
}

export type FaultsCommands = typeof commands

serve(commands)
