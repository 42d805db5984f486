/** What the gateway on the roof does: it writes its sensors' readings, with or without a line. */

import { GATEWAY } from '@skerry/field-service'
import { openStreams } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { type Quantity, quantities, readWeather } from './data.ts'
import { type DeviceReplica, deviceCommands } from './device.ts'

export type GatewayCommands = ReturnType<typeof gatewayCommands>

export function streamOf(quantity: Quantity): string {
  return `${GATEWAY}/${quantity}`
}

export function gatewayCommands(replica: DeviceReplica) {
  return {
    ...deviceCommands(replica),
    /** A year of three sensors; resolves when all of it is durable here. */
    async record() {
      const streams = await openStreams(replica, { compressor: nodeCompressor })
      const weather = readWeather()
      for (const quantity of quantities) {
        const { times, values } = weather[quantity]
        streams.appendMany(streamOf(quantity), times, values)
      }
      await streams.close()
      return quantities.reduce((readings, quantity) => readings + weather[quantity].times.length, 0)
    },
  }
}
