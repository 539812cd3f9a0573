import { z } from 'zod'
import type { AnswerHeader } from '../headers.ts'
import type { Operation } from '../operation.ts'

const path = '/media/{key}'
const pathParams = {
  key: {
    schema: z.string(),
    says: 'The key of an object, slashes and all; for a signed address of a private asset `~MARK/` and the key',
    example: 'default/01981f6e-3c00-7000-8000-000000000001/g1/hls/master.m3u8',
  },
}
const query = z.object({ exp: z.string().optional(), sig: z.string().optional() })
const send = ['Range', 'If-Range', 'If-None-Match', 'If-Modified-Since'] as const
const headers: AnswerHeader[] = ['ETag', 'Last-Modified', 'Accept-Ranges', 'Cache-Control']
const common = { path, pathParams, query, tag: 'media', access: 'anybody', send } as const
const errors = ['range_not_satisfiable', 'unavailable', 'storage_unavailable'] as const

/** `/media/…`: for players, and for whoever holds a signed address. */
export const mediaOperations: Operation[] = [
  {
    ...{ ...common, id: 'getMedia', method: 'get', errors },
    summary: 'Read what is stored',
    description: 'Files of a generation never change and may be kept for ever; playlists that grow may not be kept.',
    answers: {
      200: { says: 'The whole', headers, type: '*/*' },
      206: { says: 'The range that was asked for', headers: [...headers, 'Content-Range'], type: '*/*' },
      304: { says: 'The caller has it already', headers },
    },
  },
  {
    ...{ ...common, id: 'headMedia', method: 'head', errors: errors.slice(1) },
    summary: 'Look at what is stored',
    answers: { 200: { says: 'It is there', headers }, 304: { says: 'The caller has it already', headers } },
  },
  {
    ...{ id: 'mediaPreflight', method: 'options', path, pathParams, tag: 'media', access: 'anybody', errors: [] },
    summary: 'Let players on other sites in',
    answers: { 204: { says: 'They may read' } },
  },
]
