import { Field, someone } from './field.test-support.ts'
const field = await Field.start()
try {
  await field.create({ title: 'Grease the gate motor', notes: 'Squeaks.' })
  const browser = await field.browser()
  const context = await someone(browser)
  context.on('weberror', (error) => console.log('weberror', error.error()))
  context.on('console', (m) => console.log('console', m.type(), m.text()))
  context.on('requestfailed', (r) => console.log('failed', r.url(), r.failure()?.errorText))
  context.on('response', (r) => r.status() >= 400 && console.log('status', r.status(), r.url()))
  const page = await context.newPage()
  await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR', 'WA'])}`)
  await page.waitForTimeout(1500)
  await page.screenshot({ path: '/tmp/m/try1.png' })
  const cdp = await browser.context.browser()!.newBrowserCDPSession()
  const { targetInfos } = await cdp.send('Target.getTargets')
  console.log(targetInfos.map((t) => `${t.type} ${t.url}`))
  await page.getByRole('button', { name: 'Sign in' }).click({ timeout: 3000 }).catch((e) => console.log(String(e)))
  await page.waitForTimeout(2500)
  await page.screenshot({ path: '/tmp/m/try2.png' })
  console.log(await page.locator('body').innerText())
} finally {
  await field[Symbol.asyncDispose]()
}
