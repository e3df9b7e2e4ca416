import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const CHROMIUM = '/usr/bin/chromium'
const QUIET = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const hasChromium = existsSync(CHROMIUM)

describe.skipIf(!hasChromium)(hasChromium ? 'the playground' : 'the playground (skipped: no chromium)', () => {
  let service: TestService
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const foreign: string[] = []

  beforeAll(async () => {
    if (!existsSync(join(INSTALLATION_FOLDER, 'dist/console/index.html'))) {
      execFileSync(process.execPath, [join(INSTALLATION_FOLDER, 'scripts/build-console.mjs')])
    }
    service = await startTestService()
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...QUIET],
    })
    page = await browser.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(service.url)) foreign.push(request.url())
    })
  })
  afterAll(async () => {
    await browser?.close()
    await service?.[Symbol.asyncDispose]()
  })

  async function open(tab: string): Promise<void> {
    await page.getByRole('tab', { name: tab }).click()
    // GraphiQL sees a moment later which operation a tab holds, and would still run the one before.
    const state = `JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}')`
    await page.waitForFunction(`((state) => state.tabs[state.activeTabIndex]?.operationName === '${tab}')(${state})`)
  }

  async function press(tab: string): Promise<void> {
    await open(tab)
    await page.locator('.graphiql-execute-button').click()
  }

  const response = () => page.locator('.result-window, .graphiql-response').first()

  it('asks who is not signed in for a token, and tells nothing else', async () => {
    const stranger = await browser.newPage()
    await stranger.goto(service.url)
    expect(await stranger.getByLabel('Access token').isVisible()).toBe(true)
    await stranger.close()
  })

  it('opens with the printed link, which is then no longer in the address', async () => {
    await page.goto(`${service.url}/?token=${service.token}`)
    await page.locator('.graphiql-execute-button').waitFor()
    expect(page.url()).toBe(`${service.url}/`)
  })

  it('creates a function, runs it, and shows its log and its bill as they come', async () => {
    // Away and back: GraphiQL remembers its tabs only when something about them changes.
    await open('RunItLater')
    await press('CreateAFunction')
    await response().getByText('functionArn').waitFor()
    await press('InvokeIt')
    await response().getByText('Hello, Ada!').waitFor()
    await press('TailItsLog')
    await response().getByText('REPORT RequestId').first().waitFor()
    await page.locator('.graphiql-execute-button').click()
    await press('WatchTheBill')
    await response().getByText('gigabyteSeconds').first().waitFor()
  })

  it('loads nothing from elsewhere and complains about nothing', () => {
    expect(foreign).toEqual([])
    expect(complaints).toEqual([])
  })
})
