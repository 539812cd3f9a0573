import { Gauge, type Registry } from 'prom-client'

/** What is the same whichever process is asked, read from rows. Each is absent while it is not known. */
export type HouseGauges = ReturnType<typeof houseGauges>

export function houseGauges(registry: Registry) {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const gauges = {
    up: gauge('sluice_component_up', 'Whether a part of the house answers: 1 or 0.', ['component']),
    waiting: gauge('sluice_queue_tasks_waiting', 'Tasks that could run now and wait for a worker.', ['queue']),
    resting: gauge('sluice_queue_tasks_resting', 'Tasks that wait for their time after a failure.', ['queue']),
    oldest: gauge(
      'sluice_queue_oldest_task_age_seconds',
      'How long the task has been due that has waited longest for a worker; 0 where none waits.',
      ['queue'],
    ),
    poisoned: gauge('sluice_tasks_poisoned', 'Tasks that were set aside because each took down three workers.'),
    workers: gauge('sluice_workers_alive', 'Workers that said within a minute that they live.'),
    spooled: gauge(
      'sluice_spool_sets_waiting',
      'Sources and generations that lie in the spool until the store is back, up to 1,000.',
    ),
    lanes: gauge(
      'sluice_webhook_lanes_waiting',
      'Assets of which an endpoint has not been sent all events yet, up to 1,000.',
    ),
    webhookLag: gauge(
      'sluice_webhook_lag_seconds',
      'For how long the delivery has been due, or the event there, that has waited longest; pauses after failures do not count.',
    ),
    failing: gauge(
      'sluice_webhooks_failing',
      'Endpoints of which nothing but failures come back just now, up to 1,000.',
    ),
    disabled: gauge('sluice_webhooks_disabled', 'Endpoints that are not sent anything any more, up to 1,000.'),
    spooledAge: gauge(
      'sluice_spool_oldest_age_seconds',
      'How long the first of them has lain there; 0 where none does.',
    ),
  }
  /** Says nothing rather than what is old. */
  const forget = () => {
    for (const one of Object.values(gauges)) {
      one.reset()
      // One without labels would say 0.
      one.remove({})
    }
  }
  forget()
  return { ...gauges, forget }
}
