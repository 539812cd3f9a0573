import { deliveriesQuery } from '../../routes/deliveries.ts'
import { exampleDelivery, exampleSecret, exampleWebhook } from '../examples.ts'
import type { Operation } from '../operation.ts'
import { answers, requests } from '../shapes.ts'

const access = { scope: 'webhooks' } as const
const withSecret = { ...exampleWebhook, secret: exampleSecret }
const replayed = ['Idempotent-Replayed'] as const

/** `/v1/webhooks`, and what was sent. */
export const webhookOperations: Operation[] = [
  {
    ...{ id: 'createWebhook', method: 'post', path: '/v1/webhooks', tag: 'webhooks', access },
    summary: 'Have an endpoint told what happens',
    description:
      'Each event is a POST of `{"type","timestamp","data":asset}`, signed with the secret by the Standard Webhooks specification (`webhook-id`, `webhook-timestamp`, `webhook-signature`). An answer of 2xx takes it; anything else is tried again, with growing pauses, for 24 h. Events of one asset come in order, and each at least once.',
    body: {
      required: true,
      types: {
        'application/json': {
          schema: requests.NewWebhook,
          examples: { some: { url: exampleWebhook.url, events: exampleWebhook.events } },
        },
      },
    },
    answers: {
      201: {
        says: 'It is told from now on; the secret is shown this once',
        headers: ['Location', 'Cache-Control', ...replayed],
        schema: answers.NewWebhookAnswer,
        example: withSecret,
      },
    },
    errors: ['url_not_allowed', 'too_many_webhooks'],
  },
  {
    ...{ id: 'listWebhooks', method: 'get', path: '/v1/webhooks', tag: 'webhooks', access },
    summary: 'List the endpoints of the tenant, the newest first',
    answers: {
      200: { says: 'All of them', schema: answers.WebhookList, example: { data: [exampleWebhook], nextCursor: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'getWebhook', method: 'get', path: '/v1/webhooks/{id}', tag: 'webhooks', access },
    summary: 'Read an endpoint',
    answers: { 200: { says: 'The endpoint', schema: answers.Webhook, example: exampleWebhook } },
    errors: [],
  },
  {
    ...{ id: 'deleteWebhook', method: 'delete', path: '/v1/webhooks/{id}', tag: 'webhooks', access },
    summary: 'Delete an endpoint, with what still waits for it',
    answers: { 204: { says: 'It is told nothing any more' } },
    errors: [],
  },
  {
    ...{ id: 'enableWebhook', method: 'post', path: '/v1/webhooks/{id}/enable', tag: 'webhooks', access },
    summary: 'Enable an endpoint that was disabled',
    description: 'What was waiting when it was disabled is sent at once; what happened while it was is not.',
    answers: {
      200: { says: 'It is enabled', headers: replayed, schema: answers.Webhook, example: exampleWebhook },
    },
    errors: [],
  },
  {
    ...{ id: 'rotateSecret', method: 'post', path: '/v1/webhooks/{id}/rotate-secret', tag: 'webhooks', access },
    summary: 'Replace the secret of an endpoint',
    description: 'For 24 h each message bears a signature by the new secret and one by the old.',
    answers: {
      200: {
        says: 'The new secret, shown this once',
        headers: ['Cache-Control', ...replayed],
        schema: answers.NewWebhookAnswer,
        example: withSecret,
      },
    },
    errors: [],
  },
  {
    ...{ id: 'makeAssetSecret', method: 'post', path: '/v1/webhooks/asset-secret', tag: 'webhooks', access },
    summary: 'Make the secret that signs what goes to the `webhookUrl` of assets',
    description: 'One for the tenant. Again makes another; the one before signs along for 24 h.',
    answers: {
      201: {
        says: 'The secret, shown this once',
        headers: ['Cache-Control', ...replayed],
        schema: answers.WebhookSecret,
        example: { secret: exampleSecret },
      },
    },
    errors: [],
  },
  {
    ...{ id: 'listDeliveries', method: 'get', path: '/v1/webhooks/{id}/deliveries', tag: 'webhooks', access },
    summary: 'What an endpoint was sent, and what came of it; the newest first',
    query: deliveriesQuery,
    answers: {
      200: { says: 'A page', schema: answers.DeliveryList, example: { data: [exampleDelivery], nextCursor: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'listDeliveriesOfAsset', method: 'get', path: '/v1/assets/{id}/deliveries', tag: 'webhooks', access },
    summary: 'What all endpoints were sent of one asset, its own `webhookUrl` included; the newest 100',
    answers: {
      200: { says: 'The newest', schema: answers.DeliveryList, example: { data: [exampleDelivery], nextCursor: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'redeliver', method: 'post', path: '/v1/webhooks/deliveries/{id}/redeliver', tag: 'webhooks', access },
    summary: 'Send a delivery again, now',
    description: 'With the same `webhook-id` and the same body.',
    answers: {
      202: { says: 'It waits to be sent', headers: replayed, schema: answers.Delivery, example: exampleDelivery },
    },
    errors: ['conflict'],
  },
]
