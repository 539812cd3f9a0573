import { z } from 'zod'
import { flag, point, type Setting, seconds, text, web } from './setting-schemas.ts'

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
  METRICS_TOKEN: { schema: text.optional(), shown: '', about: 'Bearer token that `/metrics` asks for.', secret: true },
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
