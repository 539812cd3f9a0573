import { listQuery } from '../../routes/assets.ts'
import { exampleAsset, exampleGeneration, exampleQueued, exampleTask } from '../examples.ts'
import type { Operation } from '../operation.ts'
import { exampleProblem } from '../problems.ts'
import { answers, requests } from '../shapes.ts'

const access = { scope: 'assets' } as const
const quotas = ['quota_exceeded', ['quota_exceeded', 429]] as const
const { playback, thumbnails, storyboard, images, srcset, audio } = exampleAsset
const source = { url: 'https://cdn.example.com/cat.mp4' }

/** `/v1/assets` and what lies below. */
export const assetOperations: Operation[] = [
  {
    ...{ id: 'createAsset', method: 'post', path: '/v1/assets', tag: 'assets', access: 'uploader' },
    summary: 'Take in media: behind an address, in storage already, or in a form',
    description:
      'Answers at once with the asset, which is `queued`. With `Prefer: wait=N` the answer is held until the asset has ended: that turns a temporary address into a lasting one in one call. A form has the part `file` and the same fields as form fields (`metadata` as JSON); it is for small files (`MAX_FORM_BYTES`), and the only way in here for the holder of an upload token. Who sends an `externalId` that stands for an asset already is given that one.',
    send: ['Prefer'],
    body: {
      required: true,
      types: {
        'application/json': {
          schema: requests.NewAsset,
          examples: {
            address: { source, externalId: 'order-17', metadata: { album: 'summer' } },
            object: { source: { object: 's3://archive/films/cat.mp4' }, profile: 'fast' },
          },
        },
        'multipart/form-data': { schema: requests.NewAssetForm, fileField: true },
      },
    },
    answers: {
      200: {
        says: 'It has ended within the time that `Prefer` named: ready, failed or cancelled',
        headers: ['Location', 'Preference-Applied', 'Asset-Existed', 'Idempotent-Replayed'],
        schema: answers.Asset,
        example: exampleAsset,
      },
      202: {
        says: 'It is written down, and its work goes on',
        headers: ['Location', 'Preference-Applied', 'Asset-Existed', 'Idempotent-Replayed'],
        schema: answers.Asset,
        example: exampleQueued,
      },
    },
    errors: [
      ...(['url_not_allowed', 'source_not_allowed', 'source_unavailable', 'conflict'] as const),
      ...(['upload_interrupted', 'upload_token_used', 'type_not_accepted', 'no_space', 'storage_unavailable'] as const),
      ...quotas,
    ],
  },
  {
    ...{ id: 'createAssets', method: 'post', path: '/v1/assets/batch', tag: 'assets', access },
    summary: 'Take in up to 100 addresses or objects in one call',
    description: 'Each item is judged alone; the answer has, in their order, an asset or a problem for each.',
    body: {
      required: true,
      types: {
        'application/json': {
          schema: requests.NewAssets,
          examples: { two: { items: [{ source }, { source: { url: 'https://cdn.example.com/dog.mp4' } }] } },
        },
      },
    },
    answers: {
      202: {
        says: 'Every item was judged',
        headers: ['Idempotent-Replayed'],
        schema: answers.BatchAnswer,
        example: { data: [exampleQueued, exampleProblem('url_not_allowed')] },
      },
    },
    errors: [],
  },
  {
    ...{ id: 'listAssets', method: 'get', path: '/v1/assets', tag: 'assets', access },
    summary: 'List assets, the newest first',
    description: 'Page by page: send `nextCursor` as `cursor` until it is null.',
    query: listQuery,
    answers: {
      200: { says: 'A page', schema: answers.AssetList, example: { data: [exampleAsset], nextCursor: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'getAsset', method: 'get', path: '/v1/assets/{id}', tag: 'assets', access },
    summary: 'Read an asset',
    answers: { 200: { says: 'The asset', schema: answers.Asset, example: exampleAsset } },
    errors: [],
  },
  {
    ...{ id: 'deleteAsset', method: 'delete', path: '/v1/assets/{id}', tag: 'assets', access },
    summary: 'Delete an asset and all that is stored of it',
    description: 'Its work stops, it is hidden at once, and every stored object is deleted soon. Again is 404.',
    answers: { 204: { says: 'It is gone' } },
    errors: [],
  },
  {
    ...{ id: 'cancelAsset', method: 'post', path: '/v1/assets/{id}/cancel', tag: 'assets', access },
    summary: 'Stop the work on an asset',
    description: 'Running work stops within 5 s.',
    answers: {
      200: {
        says: 'It is cancelled',
        headers: ['Idempotent-Replayed'],
        schema: answers.Asset,
        example: { ...exampleQueued, status: 'cancelled' },
      },
    },
    errors: ['conflict'],
  },
  {
    ...{ id: 'reprocessAsset', method: 'post', path: '/v1/assets/{id}/reprocess', tag: 'assets', access },
    summary: 'Make an asset anew from the same original',
    description: 'What is ready is served until the next generation is, and stays when that one fails.',
    body: { types: { 'application/json': { schema: requests.ReprocessWish, examples: { uhd: { profile: 'uhd' } } } } },
    answers: {
      202: {
        says: 'The next generation is on its way',
        headers: ['Location', 'Idempotent-Replayed'],
        schema: answers.Asset,
        example: { ...exampleAsset, status: 'processing', progress: 0 },
      },
    },
    errors: ['conflict', 'source_gone', 'source_not_allowed', 'source_unavailable'],
  },
  {
    ...{ id: 'playAsset', method: 'get', path: '/v1/assets/{id}/play', tag: 'assets', access },
    summary: 'Go to what can be played: the playlist, the picture or the sound',
    description: 'For a private asset the address is a fresh one for an hour.',
    answers: { 302: { says: 'It lies at `Location`', headers: ['Location', 'Cache-Control'] } },
    errors: ['conflict'],
  },
  {
    ...{ id: 'signAsset', method: 'post', path: '/v1/assets/{id}/sign', tag: 'assets', access },
    summary: 'Make playback addresses that expire',
    description: 'For one viewer of a private asset: everything that it shows, playlists and every segment.',
    body: { types: { 'application/json': { schema: requests.SignWish, examples: { hour: { expiresIn: 3_600 } } } } },
    answers: {
      200: {
        says: 'The addresses',
        headers: ['Cache-Control', 'Idempotent-Replayed'],
        schema: answers.SignedAsset,
        example: {
          ...{ expiresAt: '2026-01-01T01:00:00.000Z', playback, thumbnails, storyboard, images, srcset, audio },
        },
      },
    },
    errors: [],
  },
  {
    ...{ id: 'listTasks', method: 'get', path: '/v1/assets/{id}/tasks', tag: 'assets', access },
    summary: 'List the work on an asset',
    description: 'Every task of the generation that is being made, or was made last, with its attempts and last error.',
    answers: {
      200: { says: 'The tasks', schema: answers.TaskList, example: { data: [exampleTask], nextCursor: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'listGenerations', method: 'get', path: '/v1/assets/{id}/generations', tag: 'assets', access },
    summary: 'List every time that an asset was made',
    description: 'The newest first, a hundred at most. One of them is served.',
    answers: {
      200: {
        says: 'The generations',
        schema: answers.GenerationList,
        example: { data: [exampleGeneration], nextCursor: null },
      },
    },
    errors: [],
  },
]
