// After the build: compresses what is worth it, so that the server only hands files out, and holds the first load to
// its budget.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const BUDGET = { js: 120 * 1024, css: 25 * 1024 }
const dist = join(import.meta.dirname, '../dist')
const total = { js: 0, css: 0 }

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  const ending = entry.name.split('.').pop()
  if (!entry.isFile() || !['js', 'css', 'html', 'svg'].includes(ending)) continue
  const content = readFileSync(file)
  const gzip = gzipSync(content, { level: 9 })
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
  if (content.length > 1024) {
    writeFileSync(`${file}.gz`, gzip)
    writeFileSync(`${file}.br`, brotli)
  }
  if (ending in total) total[ending] += gzip.length
}

let over = false
for (const [ending, budget] of Object.entries(BUDGET)) {
  const size = total[ending]
  console.log(`${ending}: ${(size / 1024).toFixed(1)} KB gzip of ${budget / 1024} KB`)
  over ||= size > budget
}
if (over) {
  console.error('the first load is over its budget')
  process.exit(1)
}
