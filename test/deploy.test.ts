import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../core/config.ts'
import { meterProcess, openRegistry } from '../core/metrics/registry.ts'
import { settings } from '../core/settings.ts'
import { anchorsOf } from '../scripts/docs/markdown.ts'
import { allMetrics } from '../scripts/docs/metrics-table.ts'
import { atEnd } from './setup/at-end.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFile(join(root, path), 'utf8')

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) })
const container = z.object({
  image: z.string(),
  command: z.array(z.string()),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  resources: z.object({ requests: z.record(z.string(), z.string()), limits: z.object({ memory: z.string() }) }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
})
const workload = z.object({
  kind: z.enum(['Deployment', 'Job']),
  spec: z.object({
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number().optional(),
        securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
        containers: z.array(container).length(1),
      }),
    }),
  }),
})
type Manifest = { kind: string; metadata?: { name: string }; [key: string]: unknown }

async function manifests(): Promise<Manifest[]> {
  const files = (await readdir(join(root, 'deploy/kubernetes'))).sort()
  const texts = await Promise.all(files.map((file) => read(`deploy/kubernetes/${file}`)))
  return texts.flatMap((text) =>
    parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([])
      return document.toJS() as Manifest
    }),
  )
}

const ours = (env: Record<string, unknown>) => Object.keys(env).filter((name) => !(name in settings))

/** What a container is told to run is there, and takes that command. */
function expectCommand(command: string[]): void {
  const at = command.indexOf('cli/sluice.js')
  expect(command[0]).toBe('node')
  expect(existsSync(join(root, command[at] ?? 'none'))).toBe(true)
  expect(['api', 'worker', 'migrate']).toContain(command[at + 1])
}

describe('the Kubernetes manifests', () => {
  it('run nobody special, on a file system that they cannot change, with probes, requests and limits', async () => {
    const works = (await manifests()).filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    expect(works).toHaveLength(3)
    for (const work of works) {
      const { spec } = workload.parse(work).spec.template
      const [one] = spec.containers
      expectCommand(one?.command ?? [])
      for (const asked of [one?.startupProbe, one?.livenessProbe, one?.readinessProbe]) {
        if (asked === undefined) continue
        expect(['/live', '/ready']).toContain(asked.httpGet.path)
        expect(one?.ports.map(({ name }) => name)).toContain(asked.httpGet.port)
      }
      if (work.kind === 'Deployment') expect(one?.livenessProbe).toBeDefined()
    }
  })

  it('give settings that there are, and that are right together; less time to stop than a pod has', async () => {
    const all = await manifests()
    const data = (kind: string, field: string) =>
      z.record(z.string(), z.string()).parse(all.find((one) => one.kind === kind)?.[field])
    const env = { ...data('ConfigMap', 'data'), ...data('Secret', 'stringData') }
    expect(ours(env)).toEqual([])
    const { STOP_GRACE } = loadConfig({ ...env, NODE_ENV: 'production' })
    for (const work of all.filter(({ kind }) => kind === 'Deployment')) {
      const { terminationGracePeriodSeconds = 30 } = workload.parse(work).spec.template.spec
      // The pause before the API is told to stop counts too.
      expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(STOP_GRACE + 10)
    }
  })

  it('name each other, and every file that they list is there', async () => {
    const all = await manifests()
    const { resources } = z
      .object({ resources: z.array(z.string()) })
      .parse(all.find(({ kind }) => kind === 'Kustomization'))
    for (const file of resources) expect(existsSync(join(root, 'deploy/kubernetes', file)), file).toBe(true)
    const names = all.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata?.name)
    const target = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) })
    for (const scaler of all.filter(({ kind }) => /Autoscaler|ScaledObject/.test(kind)))
      expect(names).toContain(target.parse(scaler).spec.scaleTargetRef.name)
    const budgets = all.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ metadata }) => metadata?.name)
    expect(budgets).toEqual(names)
  })
})

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.unknown()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).optional(),
  volumes: z.array(z.string()).default([]),
  deploy: z.object({ replicas: z.number() }).optional(),
})

describe('docker-compose.yml', () => {
  const services = async () => {
    const file = parse(await read('docker-compose.yml'), { merge: true })
    return z.object({ services: z.record(z.string(), service) }).parse(file).services
  }

  it('pins every image, is open on this machine alone, and mounts what is there', async () => {
    const all = await services()
    for (const [name, { image, ports, volumes }] of Object.entries(all)) {
      expect(image, name).toMatch(/:[\w.-]*\d|^sluice:local$/)
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
      const files = volumes.filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')[0] ?? '')
      for (const file of files) expect(existsSync(join(root, file)), file).toBe(true)
    }
    expect(all['worker']?.deploy?.replicas).toBe(2)
    for (const name of ['prometheus', 'grafana']) expect(all[name]?.profiles).toEqual(['watch'])
  })

  it('gives settings that there are, and that a process would start with', async () => {
    const all = await services()
    for (const name of ['api', 'worker']) {
      const env = Object.fromEntries(
        Object.entries(all[name]?.environment ?? {}).map(([key, value]) => [
          key,
          String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
        ]),
      )
      expect(ours(env)).toEqual([])
      loadConfig({ ...env, HOST: '0.0.0.0', NODE_ENV: 'production' })
    }
    expectCommand(all['worker']?.command ?? [])
  })

  it('asks after health by lines that run: well for what answers, and not for what does not', async () => {
    let healthy = true
    const server = createServer((_request, response) => response.writeHead(healthy ? 200 : 503).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    atEnd(async () => server.close())
    const { port } = server.address() as AddressInfo
    const all = await services()
    const run = async (script: string) =>
      promisify(execFile)(process.execPath, ['-e', script]).then(
        () => 0,
        ({ code }: { code: number }) => code,
      )
    const scripts = ['api', 'worker'].map((name) => {
      const [how, node, flag, script = ''] = all[name]?.healthcheck?.test ?? []
      expect([how, node, flag]).toEqual(['CMD', 'node', '-e'])
      expect(script).toMatch(/127\.0\.0\.1:(3000\/ready|9464\/live)/)
      return script.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`)
    })
    expect(await Promise.all(scripts.map(run))).toEqual([0, 0])
    healthy = false
    expect(await Promise.all(scripts.map(run))).toEqual([1, 1])
  })
})

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          record: z.string().optional(),
          alert: z.string().optional(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['info', 'warning', 'critical']) }).optional(),
          annotations: z.object({ summary: z.string(), runbook_url: z.string() }).optional(),
        }),
      ),
    }),
  ),
})
const board = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      type: z.string(),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
})

describe('what Prometheus and Grafana are given', () => {
  const ruleList = async () =>
    rules.parse(parse(await read('deploy/prometheus/sluice.rules.yml'))).groups.flatMap((group) => group.rules)
  const panels = async () => board.parse(JSON.parse(await read('deploy/grafana/dashboards/sluice.json'))).panels

  it('every alert says how bad it is, and leads to a runbook', async () => {
    const page = { path: 'docs/operations.md', text: await read('docs/operations.md') }
    for (const { alert, labels, annotations } of (await ruleList()).filter((one) => one.alert !== undefined)) {
      expect(labels, alert).toBeDefined()
      const [file, anchor = ''] = (annotations?.runbook_url ?? '').split('#')
      expect(file).toBe(page.path)
      expect(anchorsOf(page), alert).toContain(anchor)
    }
  })

  it('asks for metrics that there are, and shows every one of ours', async () => {
    const registry = openRegistry()
    meterProcess(registry, { part: 'api', version: '1' })
    const recorded = (await ruleList()).flatMap(({ record }) => record ?? [])
    const made = allMetrics().map(({ name }) => name)
    const there = new Set([...made, ...registry.getMetricsAsArray().map(({ name }) => name), ...recorded, 'up'])
    const asked = [...(await ruleList()), ...(await panels()).flatMap(({ targets }) => targets)].map(({ expr }) => expr)
    const named = asked.flatMap(
      (expr) => expr.match(/\b(?:\w+:)*(?:sluice|nodejs|process)_\w+(?::\w+)?|\bsluice:\S+?:\w+/g) ?? [],
    )
    expect(named.length).toBeGreaterThan(50)
    const plain = named.map((name) => (there.has(name) ? name : name.replace(/_(bucket|count|sum)$/, '')))
    expect(plain.filter((name) => !there.has(name))).toEqual([])
    const viaRecords = (await ruleList()).filter(({ record }) => record !== undefined).flatMap(({ expr }) => expr)
    const shown = `${asked.join(' ')} ${viaRecords.join(' ')}`
    expect(made.filter((name) => !shown.includes(name))).toEqual([])
  })

  it('has panels with ids and titles of their own, and a datasource that is provided', async () => {
    const all = await panels()
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
    for (const { type, targets, title } of all) expect(targets.length > 0, title).toBe(type !== 'row')
    const given = parse(await read('deploy/grafana/provisioning/datasources/prometheus.yml'))
    expect(given.datasources[0].uid).toBe('prometheus')
    const scrapes = z
      .object({ rule_files: z.array(z.string()), scrape_configs: z.array(z.object({ job_name: z.string() })) })
      .parse(parse(await read('deploy/prometheus/prometheus.yml')))
    for (const file of scrapes.rule_files) expect(existsSync(join(root, 'deploy/prometheus', file))).toBe(true)
    expect(scrapes.scrape_configs.map(({ job_name }) => job_name)).toEqual(['sluice-api', 'sluice-worker'])
  })
})
