/** Readings a second, from a gateway to the hub, durable on both sides. */
import type { Bench } from '../bench.ts'
import type { Figure } from '../figure.ts'
import type { GatewayCommands } from '../gateway-process.ts'
import { startProcess } from '../process.ts'
import { median } from '../statistics.ts'

const goals = { perSecond: 300_000, bytes: 8 }

export async function telemetry(bench: Bench): Promise<Figure[]> {
  const { readings, longRuns } = bench.scale
  return bench.withHub({ records: 0 }, async (hub) => {
    const gateway = await startProcess<GatewayCommands>('gateway-process.ts')
    try {
      const publicKey = await gateway.call.open(bench.file('gateway'))
      await gateway.call.enrol(
        await hub.process.call.issue({ publicKey, subject: 'gateway', channels: ['stream:gw-1'] }),
      )
      const send = () => gateway.call.send({ url: hub.url, readings })
      // The first one warms up.
      await send()
      const sent = []
      for (let run = 0; run < longRuns; run++) sent.push(await send())
      await bench.profile('telemetry', [hub.process, gateway], send)
      await gateway.call.close()
      const { bytesOut, segments } = sent[0]!
      const bareMs = await bench.bareRows({ bytes: bytesOut, rows: segments })
      return [
        {
          what: 'telemetry, gateway to hub, durable on both',
          value: median(sent.map(({ ms }) => (readings / ms) * 1e3)),
          unit: 'per s',
          goal: goals.perSecond,
          bare: (readings / bareMs) * 1e3,
          section: 'telemetry',
          note: `median of ${sent.length}, ${readings.toLocaleString('en-US')} readings in ${segments} segments; the bare limit moves the segments alone`,
        },
        {
          what: 'telemetry on the wire',
          value: bytesOut / readings,
          unit: 'B per reading',
          goal: goals.bytes,
          note: 'four streams of a wandering temperature, two decimals, ten readings a second',
        },
      ]
    } finally {
      await gateway.end()
    }
  })
}
