// Every page in both themes, wide and narrow, as pictures to be looked at: `node screenshots.mjs URL FOLDER`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from './browser.mjs'

const [url, folder] = process.argv.slice(2)
if (!url || !folder) {
  console.error('usage: node screenshots.mjs URL FOLDER')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const { items } = await (await fetch(new URL('/api/v1/assets', url))).json()
const pages = { inventory: '/', coverage: '/coverage', ...(items[0] && { asset: `/assets/${items[0].uid}` }) }

const browser = await launch()
for (const colorScheme of ['light', 'dark']) {
  for (const width of [1440, 375]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    for (const [name, path] of Object.entries(pages)) {
      const page = await context.newPage()
      await page.goto(new URL(path, url).href)
      await page.locator('[data-row], article, .source, .notice').first().waitFor()
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: name !== 'inventory' })
      await page.close()
    }
    await context.close()
  }
}
await browser.close()
