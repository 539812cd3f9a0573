import type { Operation } from '../operation.ts'
import { answers, statusShape } from '../shapes.ts'

const tag = 'operations'
const access = 'anybody'
const exampleHealth = {
  status: 'up',
  components: {
    database: { status: 'up', ms: 1 },
    queue: { status: 'up', ms: 1 },
    storage: { status: 'up', ms: 4 },
    disk: { status: 'up', ms: 0 },
  },
  tasks: { poisoned: 0 },
  workers: { living: 2, missing: [] },
}

/** For probes and for people. */
export const operationsOperations: Operation[] = [
  {
    ...{ id: 'live', method: 'get', path: '/live', tag, access, errors: [] },
    summary: 'Whether the process runs',
    answers: { 200: { says: 'It does', schema: statusShape, example: { status: 'up' } } },
  },
  {
    ...{ id: 'ready', method: 'get', path: '/ready', tag, access, errors: [] },
    summary: 'Whether it can take work',
    answers: {
      200: { says: 'It can', schema: statusShape, example: { status: 'up' } },
      503: { says: 'The database is away', schema: statusShape, example: { status: 'down' } },
    },
  },
  {
    ...{ id: 'health', method: 'get', path: '/health', tag, access, errors: [] },
    summary: 'How each part is, and how fast it answers',
    answers: {
      200: { says: 'All is well', schema: answers.Health, example: exampleHealth },
      503: { says: 'A part is away', schema: answers.Health, example: { ...exampleHealth, status: 'degraded' } },
    },
  },
  {
    ...{ id: 'metrics', method: 'get', path: '/metrics', tag, access: 'watcher', errors: [] },
    summary: 'What this process measured, and what the rows say of the whole house, for Prometheus',
    answers: { 200: { says: 'The text format of Prometheus', type: 'text/plain' } },
  },
  {
    ...{ id: 'openapi', method: 'get', path: '/openapi.json', tag, access, errors: [] },
    summary: 'This document',
    answers: { 200: { says: 'OpenAPI 3.1', type: 'application/json' } },
  },
  {
    ...{ id: 'board', method: 'get', path: '/admin/queues', tag: 'pages', access: 'operator', errors: [] },
    summary: 'Bull Board: the queues, for operators',
    answers: { 200: { says: 'The page', type: 'text/html' } },
  },
  {
    ...{ id: 'console', method: 'get', path: '/', tag: 'pages', access, errors: [] },
    summary: 'The console: drop a file, watch it, play it',
    answers: { 200: { says: 'The page', type: 'text/html' } },
  },
  {
    ...{ id: 'docs', method: 'get', path: '/docs', tag: 'pages', access, errors: [] },
    summary: 'This document, to be read and tried',
    answers: { 200: { says: 'The page', type: 'text/html' } },
  },
]
