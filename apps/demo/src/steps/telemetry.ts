/** A year of readings, recorded without a line, comes to the hub once and only once; strong wind opens a work order. */

import { gatewaySite } from '@skerry/field-service'
import { quantities, readWeather } from '../data.ts'
import { Gateway } from '../gateway.ts'
import { streamOf } from '../gateway-commands.ts'
import type { Report } from '../report.ts'
import type { Step } from '../step.ts'
import { waitForCase } from '../wait-for-case.ts'
import type { World } from '../world.ts'

const DAY_MS = 86_400_000

export const telemetry: Step = {
  title: '5 telemetry',
  async play(world, report) {
    const { cast, folder, hub } = world
    const gateway = new Gateway(cast, hub, folder)
    const first = await gateway.start()
    await gateway.enrol(first)
    report.mark()
    const recorded = await first.record()
    report.check('readings recorded offline', 26_277, recorded)
    await gateway.kill()

    const again = await gateway.start()
    report.mark()
    const { bytesOut } = await again.online({ url: hub.syncUrl })
    await checkReadings(
      world,
      report,
      `readings at the hub, after a kill, in ${Math.ceil(bytesOut / 1_024)} KiB`,
    )
    await again.offline()
    await again.online({ url: hub.syncUrl })
    await checkReadings(world, report, 'readings at the hub, connected once more')

    const days = await hub.buckets(streamOf('wind'), DAY_MS)
    report.check('days in the year, from a range query', 365, days.length)
    report.check('highest wind of the year, m/s', 4.7, Math.max(...days.map(({ max }) => max)))
    await windOrder(world, report)
    await again.close()
  },
}

/** Compares each reading with the file. */
async function checkReadings({ hub }: World, report: Report, claim: string): Promise<void> {
  const weather = readWeather()
  let equal = 0
  let held = 0
  for (const quantity of quantities) {
    const readings = await hub.readings(streamOf(quantity))
    const { times, values } = weather[quantity]
    held += readings.length
    equal += readings.filter(([time, value], i) => time === times[i] && value === values[i]).length
  }
  report.check(
    claim,
    '26,277 held, 26,277 equal',
    `${held.toLocaleString('en-US')} held, ${equal.toLocaleString('en-US')} equal`,
  )
}

async function windOrder({ ana, crm }: World, report: Report): Promise<void> {
  const title = 'Strong wind: check the antenna'
  const order = await ana.edge.until({ fields: { title } })
  report.check('where the wind sends ana', gatewaySite.site, order.site)
  const opened = (await ana.edge.orders()).filter((one) => one.title === title)
  report.check('work orders that the wind opened', 1, opened.length)
  const { fields } = await waitForCase(crm, title)
  report.check(
    'its case in the CRM',
    { status: 'open', priority: 'high' },
    { status: fields.status, priority: fields.priority },
  )
}
