import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
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
    // Always, though it may be there: what is there may be older than its sources.
    execFileSync(process.execPath, [join(INSTALLATION_FOLDER, 'scripts/build-console.mjs')])
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
    // A function and no text: the console's policy lets nothing evaluate texts.
    await page.waitForFunction((name) => {
      const { localStorage } = globalThis as unknown as { localStorage: { getItem(key: string): string | null } }
      const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}')
      return tabs[activeTabIndex]?.operationName === name
    }, tab)
  }

  const play = () => page.locator('.graphiql-execute-button').click()

  async function press(tab: string): Promise<void> {
    await open(tab)
    await play()
  }

  /** Presses play in a tab with several operations and takes one from the menu that opens. */
  async function choose(operation: string): Promise<void> {
    await play()
    await page.getByRole('menuitem', { name: operation }).click()
  }

  /** Runs tab 2's operation from outside of the browser; gives the request's id. */
  async function invokeFromElsewhere(): Promise<string> {
    const query = readFileSync(join(INSTALLATION_FOLDER, 'src/console/operations/2-invoke-it.graphql'), 'utf8')
    const answer = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data } = (await answer.json()) as { data: { invoke: { invocation: { requestId: string } } } }
    return data.invoke.invocation.requestId
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

  it('creates a function and runs it', async () => {
    // Away and back: GraphiQL remembers its tabs only when something about them changes.
    await open('RunItLater')
    await press('CreateAFunction')
    await response().getByText('functionArn').waitFor()
    await press('InvokeIt')
    await response().getByText('Hello, Ada!').waitFor()
  })

  it('shows what the log holds, and then each event as it comes, the newest first', async () => {
    await press('TailItsLog')
    await response().getByText('REPORT RequestId').first().waitFor()
    const requestId = await invokeFromElsewhere()
    await response().getByText(requestId).first().waitFor()
    await play()
  })

  it('shows the bill', async () => {
    await press('WatchTheBill')
    await response().getByText('gigabyteSeconds').first().waitFor()
    await play()
  })

  it('publishes versions and points a weighted alias at them', async () => {
    await press('VersionAndAlias')
    await response().getByText('additionalVersion').waitFor()
  })

  it('runs a function in the background and shows the steps of that', async () => {
    await open('RunItLater')
    await choose('RunItLater')
    await response().getByText('202').waitFor()
    const [requestId] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(await response().innerText()) ?? []
    await page.locator('.graphiql-editor-tool .monaco-editor').first().click()
    // Between the quotes of {"id": ""}, which stand at the end of the second line.
    for (const key of ['Control+Home', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key)
    await page.keyboard.insertText(requestId ?? '')
    await choose('WatchItsSteps')
    await response().getByText('SUCCEEDED').first().waitFor()
  })

  it('lists what failed', async () => {
    await open('WhatFailed')
    await choose('LatestFailures')
    await response().getByText('"invocations"').waitFor()
  })

  it('shifts the alias and shows its steps', async () => {
    await open('PointBack')
    await choose('PointBack')
    await response().getByText('updateAlias').waitFor()
    await choose('ShiftIt')
    await response().getByText('RUNNING').waitFor()
    await choose('WatchTheShift')
    await response().getByText('STARTED').waitFor()
    await play()
  })

  it('runs a state machine and follows it to its end', async () => {
    await open('CreateAStateMachine')
    await choose('CreateAStateMachine')
    await response().getByText('stateMachineArn').waitFor()
    await choose('StartIt')
    await response().getByText('RUNNING').waitFor()
    await choose('FollowIt')
    await response().getByText('ExecutionSucceeded').first().waitFor()
    await choose('LookAtIt')
    await response().getByText('SUCCEEDED').first().waitFor()
  })

  it('loads nothing from elsewhere and complains about nothing', () => {
    expect(foreign).toEqual([])
    expect(complaints).toEqual([])
  })
})
