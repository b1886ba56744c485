import openapi, { astToString } from 'openapi-typescript'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the client types are those of the API description', async () => {
  const description = new URL('openapi.json', import.meta.url)
  const types = astToString(await openapi(description))
  const kept = readFileSync(new URL('schema.d.ts', import.meta.url), 'utf8')
  expect(kept.endsWith(types), 'run `npm run schema`').toBe(true)
})
