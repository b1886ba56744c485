// A person opens the console, finds a model, reads its evidence, and asks what was not looked at.
//
//     node console.mjs URL MODULES CHROMIUM PICTURES
//
// Each page is also checked for accessibility, in light and dark. Nothing may come from another host.
import { createRequire } from 'node:module'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const [url, modules, executablePath, pictures] = process.argv.slice(2)
const require = createRequire(join(modules, 'node_modules', 'here.js'))
const { chromium } = require('playwright-core')
const axe = require.resolve('axe-core/axe.min.js')

let step = 'start the browser'
const problems = []

async function main() {
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && problems.push(`the page logged: ${message.text()}`))
    page.on('pageerror', (error) => problems.push(`the page threw: ${error.message}`))
    page.on('request', (request) => {
      const other = !request.url().startsWith(url) && !request.url().startsWith('data:')
      if (other) problems.push(`the page asked another host: ${request.url()}`)
    })
    try {
      await story(page)
    } catch (error) {
      mkdirSync(pictures, { recursive: true })
      const picture = join(pictures, 'browse-the-inventory.png')
      await page.screenshot({ path: picture })
      throw new Error(`cannot ${step}: ${error.message}\n  see ${picture}\n${await page.locator('body').innerText()}`)
    }
  } finally {
    await browser.close()
  }
  if (problems.length) throw new Error([...new Set(problems)].join('\n'))
}

async function story(page) {
  const rows = page.getByRole('table', { name: 'Assets' }).locator('tbody').getByRole('row')

  await doing('open the inventory', async () => {
    await page.goto(url)
    await rows.first().waitFor()
    expect((await rows.count()) > 10, 'a list of assets')
    await accessible(page)
  })

  await doing('narrow it down by kind', async () => {
    const all = await rows.count()
    const group = page.getByRole('group', { name: 'Kind' })
    await group.getByRole('checkbox', { name: /model reference/i }).check()
    await page.waitForURL(/kind=model-reference/)
    await page.waitForFunction(
      (all) => {
        const shown = [...document.querySelectorAll('table[aria-label=Assets] tbody tr')]
        return shown.length > 0 && shown.length < all && shown.every((row) => /model reference/i.test(row.textContent))
      },
      all,
    )
  })

  await doing('search for a model', async () => {
    await page.keyboard.press('/')
    await page.getByRole('searchbox').fill('gpt-4o-mini')
    await page.waitForURL(/text=gpt-4o-mini/)
    await page.getByRole('link', { name: 'gpt-4o-mini', exact: true }).waitFor()
  })

  await doing('find the same list by its address', async () => {
    await page.reload()
    await page.getByRole('link', { name: 'gpt-4o-mini', exact: true }).waitFor()
    expect((await page.getByRole('searchbox').inputValue()) === 'gpt-4o-mini', 'the search is still there')
  })

  await doing('read the evidence of the model', async () => {
    await page.getByRole('link', { name: 'gpt-4o-mini', exact: true }).click()
    await page.waitForURL(/\/assets\//)
    await page.getByRole('heading', { name: /gpt-4o-mini/ }).first().waitFor()
    const text = await page.locator('main').innerText()
    expect(text.includes('services/assistant/src/assistant/config.py'), 'the file that names it')
    expect(/FAST_MODEL/.test(text), 'the line that names it')
    await accessible(page)
  })

  await doing('go back to the list as it was', async () => {
    await page.goBack()
    await page.getByRole('link', { name: 'gpt-4o-mini', exact: true }).waitFor()
  })

  await doing('see what was not looked at', async () => {
    await page.getByRole('link', { name: /coverage/i }).first().click()
    await page.waitForURL(/\/coverage/)
    await page.getByText('services/legacy-bot/package.json').first().waitFor()
    await accessible(page)
  })

  await doing('find nothing, and be told so', async () => {
    await page.goto(`${url}/?text=no-such-thing-anywhere`)
    await page.getByText(/nothing|no assets/i).first().waitFor()
    await accessible(page)
  })

  await doing('use it on a telephone', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    await page.goto(url)
    await rows.first().waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wide <= 0, `no sideways scrolling, but ${wide} pixels are outside`)
  })
}

async function doing(what, action) {
  step = what
  await action()
  console.log(`ok: ${what}`)
}

function expect(truth, what) {
  if (!truth) throw new Error(`expected ${what}`)
}

async function accessible(page) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe })
    const { violations } = await page.evaluate(() =>
      window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }),
    )
    const told = violations.map((one) => `${one.id} (${one.help}): ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)
    if (told.length) throw new Error(`not accessible in ${colorScheme}: ${told.join('; ')}`)
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
