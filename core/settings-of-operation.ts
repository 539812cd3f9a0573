import { z } from 'zod'
import { flag, point, type Setting, seconds, text, web, whole } from './setting-schemas.ts'

/** What operators set to watch a process, and to end it. */
export const settingsOfOperation = {
  STOP_GRACE: {
    schema: seconds.default(8),
    shown: '8s',
    about:
      'How long a process that is told to stop may take. Set less than the time after which it is killed, which is 10 s with Docker and 30 s with Kubernetes.',
  },
  GARBAGE_AFTER: {
    schema: seconds.default(86_400),
    shown: '24h',
    about:
      'How long storage keeps what nobody is sent to any more: former generations, what failed and cancelled assets had made.',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    shown: 'info',
    about: 'How much is logged.',
  },
  METRICS_TOKEN: {
    schema: text.optional(),
    shown: '',
    about: 'Bearer token that [`/metrics`](observability.md#metrics) asks for, of the API and of workers.',
    secret: true,
  },
  METRICS_PORT: {
    schema: whole(1, 65_535).optional(),
    shown: '',
    about:
      'The port on which a worker shows `/metrics` and `/live`; the API does so on `PORT`. With `sluice up` the first worker takes it, the next ones those after it.',
  },
  METRICS_HOST: {
    schema: text.default('127.0.0.1'),
    shown: '127.0.0.1',
    about: 'The address that this port is opened on. Anything but a loopback address wants a `METRICS_TOKEN`.',
  },
  ADMIN_PASSWORD: {
    schema: z.string().min(8).optional(),
    shown: '',
    about: 'Password of `admin` for Bull Board.',
    secret: true,
  },
  BOARD_READ_ONLY: {
    schema: flag.default(false),
    shown: 'off',
    about: '`on` lets Bull Board show jobs and change none.',
  },
  FAULT_POINT: {
    schema: point.optional(),
    shown: '',
    about: 'For [tests](reliability.md#kill-points) alone: where the process kills itself. Refused in production.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: { schema: web.optional(), shown: '', about: 'Where traces are sent.' },
} as const satisfies Record<string, Setting>
