// A browser that talks to nobody but the page, and a watch over what a page should not do.
import { chromium } from 'playwright-core'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Chromium. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args })
}

/** Notes errors on the console, exceptions, and requests to another origin. */
export function watch(page, origin) {
  const trouble = {
    list: [],
    expected: undefined,
    /** The next answer with this status is part of the story. */
    expect(status) {
      this.expected = status
    },
  }
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    if (trouble.expected && message.text().includes(`status of ${trouble.expected}`)) {
      trouble.expected = undefined
      return
    }
    trouble.list.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => trouble.list.push(`exception: ${error.message}`))
  page.on('dialog', (dialog) => {
    trouble.list.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url())
    if (asked !== origin && protocol !== 'data:') trouble.list.push(`request: ${request.url()}`)
  })
  return trouble
}
