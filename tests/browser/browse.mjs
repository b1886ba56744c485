// What a person does in the console, in a real browser: `node browse.mjs URL`.
//
// It takes any inventory with at least one asset, so that it can be pointed at a demo as well as at a test's own data.
// CHROMIUM names the browser; without it, Debian's.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { violations } from './accessibility.mjs'
import { launch, watch } from './browser.mjs'

const url = process.argv[2]
if (!url) {
  console.error('usage: node browse.mjs URL')
  process.exit(2)
}
const origin = new URL(url).origin

let browser, page, trouble

before(async () => {
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  trouble = watch(page, origin)
})
after(() => browser?.close())

const rows = () => page.locator('[data-row]')
const names = () => rows().allInnerTexts()
const way = (asset) => `/assets/${asset.uid}`
const row = (asset) => page.locator(`[data-row][href="${way(asset)}"]`)
const settled = () => page.locator('table[aria-busy=false]').waitFor()
const parameter = (name) => new URL(page.url()).searchParams.get(name)
const api = async (path) => (await page.request.get(`${origin}/api/v1/${path}`)).json()

/** The number in front of "assets" in the sentence above the list. */
const total = async () => Number((await page.locator('section strong').innerText()).replace(/\D/g, ''))

test('the inventory opens and says how many assets there are', async () => {
  await page.goto(origin)
  await rows().first().waitFor()
  assert.match(await page.title(), /Inventory/)
  assert.ok((await total()) >= (await rows().count()))
})

test('a facet narrows the list to what it counted, and is in the address', async () => {
  const facet = page.locator('fieldset', { hasText: 'Kind' }).locator('label').first()
  const kind = await facet.locator('.label').innerText()
  const counted = Number((await facet.locator('.num').innerText()).replace(/\D/g, ''))
  await facet.click()
  await page.waitForURL(/[?&]kind=/)
  await page.getByRole('link', { name: /Remove the filter kind/ }).waitFor()
  await settled()
  await page.waitForFunction((n) => Number(document.querySelector('section strong')?.textContent.replace(/\D/g, '')) === n, counted)
  const kinds = new Set(await page.locator('td.kind').allInnerTexts())
  assert.deepEqual([...kinds], [kind])
  await page.getByRole('link', { name: 'Clear all' }).click()
  await page.waitForURL((address) => !address.searchParams.has('kind'))
  await settled()
})

test('an order is in the address and orders the list', async () => {
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click()
  await page.waitForURL(/sort=name/)
  await page.locator('th[aria-sort]', { hasText: 'Name' }).waitFor()
  await settled()
  const seen = (await names()).map((name) => name.toLowerCase()).filter((name) => /^[a-z0-9]+$/.test(name))
  assert.deepEqual(seen, [...seen].sort())
})

let listed

/** Every asset, as the list has it. */
async function assets() {
  if (listed) return listed
  listed = []
  for (let token = ''; token !== undefined; ) {
    const list = await api(`assets?limit=200&sort=name${token && `&page_token=${token}`}`)
    listed.push(...list.items)
    token = list.next_page_token ?? undefined
  }
  return listed
}

let wanted

/** The asset to look for: in a file, if one is, and of a name that a person would type and that no other name contains. */
async function chosen() {
  const all = await assets()
  const alone = (name) => /^[\w.-]{3,40}$/.test(name) && all.filter((asset) => asset.name.includes(name)).length === 1
  const inFile = all.filter((asset) => asset.path)
  return inFile.find((asset) => alone(asset.name)) ?? inFile[0] ?? all[0]
}

test('`/` searches, j and k move, Enter opens', async () => {
  wanted = await chosen()
  await page.keyboard.press('/')
  await page.waitForFunction(() => document.activeElement?.type === 'search')
  await page.keyboard.type(wanted.name)
  await page.waitForURL((address) => address.searchParams.get('text') === wanted.name)
  await settled()
  await row(wanted).waitFor()
  await page.keyboard.press('Escape')
  const at = await rows().evaluateAll((all, way) => all.findIndex((row) => row.getAttribute('href') === way), way(wanted))
  for (let n = 0; n <= at; n++) await page.keyboard.press('j')
  await page.keyboard.press('j')
  if ((await rows().count()) > at + 1) await page.keyboard.press('k')
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), way(wanted))
  await page.keyboard.press('Enter')
  await page.waitForURL((address) => address.pathname === way(wanted))
})

test('an asset shows its evidence: the file, the line and what is written there', async () => {
  await page.locator('h1', { hasText: wanted.name }).waitFor()
  const evidence = page.locator('article')
  assert.ok((await evidence.count()) > 0)
  // What a service told is in no file, and leads to none.
  assert.ok((await evidence.first().locator(wanted.path ? 'h3 a' : 'h3').innerText()).length > 0)
  const asset = await api(`assets/${wanted.uid}`)
  const lined = asset.evidence.find((item) => item.place.line && item.snippet)
  if (lined) {
    const line = page.locator('article', { hasText: lined.place.path }).locator('.line', { hasText: String(lined.place.line) })
    assert.ok((await line.count()) > 0, `line ${lined.place.line} of ${lined.place.path} is shown`)
  }
  for (const plugin of asset.plugins) assert.ok(await page.getByRole('link', { name: plugin }).isVisible())
})

test('going back finds the search as it was', async () => {
  await page.goBack()
  await rows().first().waitFor()
  assert.equal(parameter('text'), wanted.name)
  await row(wanted).waitFor()
})

test('the way from a file to everything found in it', async (t) => {
  if (!wanted.path) return t.skip('no asset is in a file')
  await row(wanted).click()
  const file = page.locator('article h3 a').first()
  const path = await file.innerText()
  await file.click()
  await page.waitForURL((address) => address.searchParams.get('path') === path)
  await row(wanted).waitFor()
})

let details

/** An asset that other sources speak of, if there is one: best one that may be any of several. */
async function joined() {
  details ??= await Promise.all((await assets()).map(({ uid }) => api(`assets/${uid}`)))
  const known = details.filter((asset) => asset.elsewhere.length > 0)
  return known.find((asset) => asset.elsewhere.some((there) => there.one_of)) ?? known[0]
}

test('an asset shows what other sources say of it, why, and what the reason is worth', async (t) => {
  const asset = await joined()
  if (!asset) return t.skip('no asset is in two sources')
  await page.goto(origin + way(asset))
  const lines = page.getByRole('region', { name: 'In other sources' }).getByRole('listitem')
  await lines.first().waitFor()
  const shown = await lines.allInnerTexts()
  assert.equal(shown.length, asset.elsewhere.length)
  for (const there of asset.elsewhere) {
    const words = [there.name, there.source, `${there.because.scheme}:${there.because.value}`]
    const alone = there.link === 'same' ? 'if it is the same network or account' : 'by name only'
    if (there.basis === 'name') words.push(there.one_of ? `one of ${there.one_of} by name` : alone)
    const is = (line) => words.every((word) => line.includes(word))
    assert.ok(shown.some(is), `a line with ${words.join(', ')} in:\n${shown.join('\n')}`)
  }
  // The way there leads back: what is joined here is joined there.
  await lines.first().getByRole('link').click()
  await page.waitForURL((address) => !address.pathname.endsWith(asset.uid))
  await page.getByRole('region', { name: 'In other sources' }).locator(`a[href="${way(asset)}"]`).waitFor()
})

test('a search for nothing says so, and leads back', async () => {
  await page.goto(`${origin}/?text=${encodeURIComponent('no-such-thing-anywhere-7391')}`)
  await page.getByRole('heading', { name: 'No asset matches' }).waitFor()
  await page.getByRole('link', { name: 'Clear the filters' }).click()
  await rows().first().waitFor()
})

test('`g c` opens the coverage, which is never green when something is missing', async () => {
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.waitForURL(/\/coverage$/)
  await page.locator('.verdict').first().waitFor()
  const { items } = await api('coverage')
  assert.equal(await page.locator('.verdict').count(), items.length)
  for (const [at, item] of items.entries()) {
    const whole = item.status === 'complete' && item.gaps.every((gap) => !gap.failure)
    const look = await page.locator('.verdict').nth(at).getAttribute('class')
    assert.equal(/\bgood\b/.test(look), whole, `${item.source} is ${item.status} and looks ${look}`)
    const section = page.locator('section.source').nth(at)
    for (const plugin of item.plugins) assert.ok(await section.locator('tbody', { hasText: plugin.id }).isVisible())
    assert.equal(await section.locator('details').count(), item.gaps.length)
  }
})

test('`?` shows the keys, and they can be switched off', async () => {
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.getByRole('checkbox', { name: 'Single-key shortcuts' }).uncheck()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  assert.match(page.url(), /\/coverage$/)
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await page.getByRole('checkbox', { name: 'Single-key shortcuts' }).check()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.waitForURL((address) => address.pathname === '/')
  await rows().first().waitFor()
})

test('a chosen theme stays, and is there at the first paint', async () => {
  const theme = page.getByRole('button', { name: /Theme/ })
  await theme.click()
  await theme.click()
  await page.reload({ waitUntil: 'commit' })
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark')
  await theme.click()
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined)
})

test('an asset that does not exist is a sentence, not a blank page', async () => {
  trouble.expect(404)
  await page.goto(`${origin}/assets/00000000-0000-8000-8000-000000000000`)
  await page.getByRole('alert').waitFor()
  assert.match(await page.getByRole('alert').innerText(), /no such asset/i)
})

test('every page is accessible in both themes, and fits the narrowest screen', { concurrency: true }, async (t) => {
  const pages = { inventory: '/', asset: way(wanted), coverage: '/coverage', nothing: '/?text=no-such-thing-7391' }
  const shared = await joined()
  if (shared) pages.joined = way(shared)
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 375, 320]) {
      // axe writes into the page, which the page's own policy would not let it.
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true })
      const looks = Object.entries(pages).map(([name, path]) =>
        t.test(`${name}, ${colorScheme}, ${width} px`, async () => {
          const shown = await context.newPage()
          await shown.goto(origin + path)
          await shown.locator('[data-row], article, .source, .notice').first().waitFor()
          const over = await shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
          assert.ok(over <= 0, `it is ${over} px wider than the screen`)
          assert.deepEqual(await violations(shown), [])
          await shown.close()
        }),
      )
      await Promise.all(looks)
      await context.close()
    }
  }
})

test('nothing was complained about, and nothing was asked of anybody else', () => {
  assert.deepEqual(trouble.list, [])
})
