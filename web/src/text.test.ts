import { expect, test } from 'vitest'
import { count, duration, line, plural, size, tail, visible } from './text'

test.each([
  ['plain', 'plain'],
  ['naïve 日本語 👩‍💻', 'naïve 日本語 👩‍💻'],
  ['a\u202eb', 'a⟨U+202E⟩b'],
  ['\u001b[31mred', '⟨U+001B⟩[31mred'],
  ['a\u200bb\ufeff', 'a⟨U+200B⟩b⟨U+FEFF⟩'],
  ['hi\u{e0041}', 'hi⟨U+E0041⟩'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('visible(%j)', (text, expected) => expect(visible(text)).toBe(expected))

test.each([
  [' a\n  b ', 'a b'],
  ['x\u0000', 'x⟨U+0000⟩'],
])('line(%j)', (text, expected) => expect(line(text)).toBe(expected))

test.each([
  ['src/app.py', 20, 'src/app.py'],
  ['services/chat/src/handlers/main.py', 20, '…/handlers/main.py'],
  ['averyveryverylongname.py', 10, '…ngname.py'],
])('tail(%j, %i)', (path, max, expected) => expect(tail(path, max)).toBe(expected))

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [4_212_000, '4.21 MB'],
  [7e15, '7,000 TB'],
])('size(%i)', (n, expected) => expect(size(n)).toBe(expected))

test.each([
  [0, '< 1 ms'],
  [12.4, '12 ms'],
  [3412, '3.41 s'],
  [130_000, '2 min 10 s'],
])('duration(%i)', (n, expected) => expect(duration(n)).toBe(expected))

test('numbers', () => {
  expect(count(12481)).toBe('12,481')
  expect(plural(1, 'asset')).toBe('1 asset')
  expect(plural(2, 'entry', 'entries')).toBe('2 entries')
})
