import { Validator } from '@seriousme/openapi-schema-validator'
import type { RouteOptions } from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { openapiDocument } from '../api/openapi/document.ts'
import { operations } from '../api/openapi/operations/all.ts'
import { refusalsOf } from '../api/openapi/problems.ts'
import { errorCodes } from '../core/error-codes.ts'
import type { TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'
import { testHouse } from './setup/house.ts'
import { at, checkerOf } from './setup/openapi-checker.ts'

let app: TestApp
const routes = new Set<string>()
beforeAll(async () => {
  app = await buildApp(await testHouse(), { onRoute: note })
  atEnd(() => app.close())
})

function note({ method, url }: RouteOptions): void {
  for (const one of [method].flat()) routes.add(`${one} ${url}`)
}

/** Not calls of the API: files of a page, and what answers 405 alone. */
const partsOfPages = /^(GET|HEAD|POST|PUT|PATCH|DELETE) (\/console\/|\/docs\/|\/admin\/queues\/)/
const sameAsAnother = /^\w+ (\/v1\/tus\/|\/admin\/queues\/)$/
const refusedMethods = new Set([
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'].map((method) => `${method} /v1/tus`),
  ...['GET', 'PUT'].map((method) => `${method} /v1/tus/:id`),
])
const asPath = (route: string) => route.replace(/:(\w+)/g, '{$1}').replace('/media/*', '/media/{key}')

describe('the document of the API', () => {
  it('is valid OpenAPI 3.1, by a validator of others', async () => {
    const result = await new Validator().validate(structuredClone(openapiDocument()))
    expect(result).toEqual({ valid: true })
  })

  it('is served as it is, to everybody, and to pages of any site', async () => {
    const answer = await app.inject('/openapi.json')
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
    })
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(openapiDocument())))
  })

  it('has every route of the code, and none that is not there', async () => {
    const gets = new Set([...routes].filter((route) => route.startsWith('GET ')).map((route) => route.slice(4)))
    const isHeadOfGet = (route: string) => route.startsWith('HEAD ') && gets.has(route.slice(5)) && !/media/.test(route)
    const ours = [...routes].filter(
      (route) =>
        route !== 'OPTIONS *' &&
        ![partsOfPages, sameAsAnother].some((pattern) => pattern.test(route)) &&
        !refusedMethods.has(route) &&
        !(isHeadOfGet(route) && !route.includes('/tus')),
    )
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.sort()).toEqual(ours.map(asPath).sort())
  })

  it('leaves out only methods that are refused', async () => {
    for (const route of refusedMethods) {
      expect(routes).toContain(route)
      const [method, url = ''] = route.split(' ')
      const answer = await app.inject({
        method: method as 'GET',
        url: url.replace(':id', 'x'),
        headers: { host: 'localhost' },
      })
      expect(answer.statusCode, route).toBe(405)
    }
  })

  it('names each operation once, and has a description for each tag, parameter, header and refusal', () => {
    const ids = operations.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const document = openapiDocument()
    for (const [, ref = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g))
      expect(at(document, ref), ref).toBeDefined()
  })

  it('shows examples that are what it says', () => {
    const checker = checkerOf(openapiDocument())
    expect(checker.faultsOfExamples()).toEqual([])
  })

  it('names every code that can be the answer to a call', () => {
    const named = new Set(operations.flatMap((operation) => [...refusalsOf(operation).values()].flat()))
    // Said of an asset, of a task or at a process's start, and never as an answer.
    const elsewhere = Object.keys(errorCodes).filter((code) => !named.has(code as keyof typeof errorCodes))
    expect(elsewhere).toEqual([
      'source_expired',
      'source_changed',
      'source_invalid_response',
      'source_too_slow',
      'unsupported_container',
      'unsupported_codec',
      'encrypted_media',
      'corrupt_media',
      'no_media_streams',
      'too_long',
      'too_many_pixels',
      'unsafe_media',
      'unknown_profile',
      'output_invalid',
      'encoder_failed',
      'encoder_stalled',
      'resource_limit',
      'decoder_crashed',
      'poisoned',
      'queue_unsafe',
      'tools_unsafe',
      'storage_not_writable',
    ])
  })
})
