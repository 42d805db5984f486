/** The figures of the bridge, as they are kept beside the code. */
import { type BridgeFigure, bridgeTable, isReached } from './figure.ts'

export interface BridgeRun {
  machine: string
  /** Share of everything that was measured. */
  scale: number
  /** Other work than the benchmark's: processes that wanted a core before it began. */
  loadBefore: number
  /** By part. */
  minutes: ReadonlyMap<string, number>
  figures: readonly BridgeFigure[]
}

export function bridgeResults({ machine, scale, loadBefore, minutes, figures }: BridgeRun): string {
  const withGoal = figures.filter(({ goal }) => goal !== undefined)
  const reached = withGoal.filter((figure) => isReached(figure))
  const took = [...minutes].map(([part, some]) => `${part} ${some.toFixed(1)}`).join(', ')
  const share = scale === 1 ? '' : ` A try at ${scale} of the size: no figure of it is one to keep.`
  return `# Results of the benchmark of the bridge

\`npm run bench:bridge\` wrote this part of the file; how each figure is come by stands in [BRIDGE.md](BRIDGE.md).${share} ${machine}. Minutes: ${took}. When it began, ${loadBefore.toFixed(1)} processes of other work wanted a core.

${reached.length} of ${withGoal.length} goals are met.

${bridgeTable(figures)}
`
}
