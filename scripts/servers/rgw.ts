import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../core/db/embedded/free-port.ts'
import { runQuietly } from '../../core/db/embedded/run-quietly.ts'
import { cephConf, type RgwPlan } from './ceph-conf.ts'
import { findCommand } from './find-command.ts'
import { type Server, spawnServer } from './spawn-server.ts'

export type S3Access = { endpoint: string; accessKeyId: string; secretAccessKey: string; region: string }

const commands = ['ceph', 'ceph-authtool', 'monmaptool', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'] as const

/** What Ceph's gateway needs and is not installed. */
export function missingForRgw(): string[] {
  return commands.filter((name) => findCommand(name) === undefined)
}

/** A real S3 for tests: Ceph's gateway over one monitor and one disk in memory, all below one folder. */
export async function startRgw({ folder }: { folder: string }): Promise<S3Access & { stop(): Promise<void> }> {
  const missing = missingForRgw()
  if (missing.length > 0)
    throw new Error(`${missing.join(', ')} not installed; try: apt-get install radosgw ceph-mon ceph-osd ceph-common`)
  const plan: RgwPlan = { folder, fsid: randomUUID(), monPort: await freePort(), s3Port: await freePort() }
  const servers: Server[] = []
  const stop = async () => {
    for (const server of servers.reverse()) await server.stop()
  }
  try {
    await prepare(plan)
    servers.push(await startMon(plan))
    servers.push(await startOsd(plan))
    servers.push(await startGateway(plan))
    return { ...(await createUser(plan)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function prepare(plan: RgwPlan): Promise<void> {
  for (const name of ['mon', 'osd', 'run', 'rgw']) await mkdir(join(plan.folder, name), { recursive: true })
  await writeFile(join(plan.folder, 'ceph.conf'), cephConf(plan))
  const keyring = join(plan.folder, 'keyring')
  const grant = (name: string, caps: string[]) =>
    must(['ceph-authtool', keyring, '--gen-key', '-n', name, ...caps.flatMap((cap) => ['--cap', ...cap.split(':')])])
  await must(['ceph-authtool', '-C', keyring])
  await grant('mon.', ['mon:allow *'])
  for (const name of ['client.admin', 'client.rgw']) await grant(name, ['mon:allow *', 'osd:allow *', 'mgr:allow *'])
  await grant('osd.0', ['mon:allow profile osd', 'osd:allow *'])
}

async function startMon(plan: RgwPlan): Promise<Server> {
  const map = join(plan.folder, 'monmap')
  const keyring = join(plan.folder, 'keyring')
  await must(['monmaptool', '--create', '--add', 'a', `127.0.0.1:${plan.monPort}`, '--fsid', plan.fsid, map])
  await must([...withConf('ceph-mon', plan), '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring])
  const argv = [...withConf('ceph-mon', plan), '-f', '-i', 'a']
  return spawnServer({
    name: 'ceph-mon',
    argv,
    folder: join(plan.folder, 'run'),
    endWith: 'SIGKILL',
    isReady: async () => true,
  })
}

async function startOsd(plan: RgwPlan): Promise<Server> {
  const id = randomUUID()
  await must([...withConf('ceph', plan), '--connect-timeout', '20', 'osd', 'new', id, '0'])
  await must([...withConf('ceph-osd', plan), '-i', '0', '--mkfs', '--osd-uuid', id])
  const stat = [...withConf('ceph', plan), '--connect-timeout', '5', 'osd', 'stat']
  return spawnServer({
    name: 'ceph-osd',
    argv: [...withConf('ceph-osd', plan), '-f', '-i', '0'],
    folder: join(plan.folder, 'run'),
    endWith: 'SIGKILL',
    isReady: async () => (await run(stat)).stdout.includes('1 up'),
  })
}

function startGateway(plan: RgwPlan): Promise<Server> {
  return spawnServer({
    name: 'radosgw',
    argv: [...withConf('radosgw', plan), '-f', '-n', 'client.rgw'],
    folder: join(plan.folder, 'run'),
    timeoutMs: 60_000,
    endWith: 'SIGKILL',
    isReady: () => answers(`http://127.0.0.1:${plan.s3Port}/`),
  })
}

async function createUser(plan: RgwPlan): Promise<S3Access> {
  const [accessKeyId, secretAccessKey] = [randomBytes(10).toString('hex'), randomBytes(20).toString('hex')]
  const user = ['--uid=test', '--display-name=test', `--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
  await must([...withConf('radosgw-admin', plan), 'user', 'create', ...user])
  return { endpoint: `http://127.0.0.1:${plan.s3Port}`, accessKeyId, secretAccessKey, region: 'us-east-1' }
}

function withConf(command: string, plan: RgwPlan): string[] {
  return [command, '-c', join(plan.folder, 'ceph.conf')]
}

function run([name = '', ...args]: string[]) {
  return runQuietly({ argv: [findCommand(name) ?? name, ...args], timeoutMs: 60_000 })
}

async function must(argv: string[]): Promise<void> {
  const ran = await run(argv)
  if (ran.code !== 0) throw new Error(`${argv.slice(0, 6).join(' ')} failed: ${(ran.stderr || ran.stdout).trim()}`)
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
