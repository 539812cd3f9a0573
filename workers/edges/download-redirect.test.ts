import { expect, test } from 'vitest'
import { redirectTarget } from './download-redirect.ts'

const from =
  (url: string, location: string, allow: string[] = []) =>
  () =>
    redirectTarget(new URL(url), location, allow).href

test('a redirect is read against the address it came from', () => {
  expect(from('https://a.example/x/y?z=1', '../w?v=2')()).toBe('https://a.example/w?v=2')
  expect(from('https://a.example/x', '//b.example/w')()).toBe('https://b.example/w')
})

test('a redirect never leads from https to http, not even to an allowed host', () => {
  expect(from('https://a.example/x', 'http://a.example/x', ['a.example'])).toThrow(/from https to http/)
  expect(from('http://a.example/x', 'https://a.example/x', ['a.example'])()).toBe('https://a.example/x')
})

test.each([
  'https://127.0.0.1/',
  'https://[::1]/',
  'http://10.0.0.1/',
  'file:///etc/passwd',
  'https://user@b.example/',
  'https://b.example:22/',
  'http://[',
])('a redirect to %s is refused', (location) => {
  expect(from('https://a.example/x', location)).toThrow()
})
