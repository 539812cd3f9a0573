import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { armFaultPoint, faultPoint } from './fault-point.ts'

const module = fileURLToPath(new URL('./fault-point.ts', import.meta.url))

describe('a fault point', () => {
  it('does nothing where none is named', () => {
    armFaultPoint(loadConfig({}).FAULT_POINT)
    expect(() => faultPoint('task-made')).not.toThrow()
  })

  it('is the last step of a process that passes it as often as was said', async () => {
    const code = `import { armFaultPoint, faultPoint } from '${module}'
      armFaultPoint({ name: 'task-made', n: 2 })
      faultPoint('task-sent')
      faultPoint('task-made')
      console.log('once')
      faultPoint('task-made')
      console.log('twice')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
    })
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    expect(said).toBe('once\n')
  })

  it('is refused where it could do harm, and where there is no such point', () => {
    const database = { DATABASE_URL: 'postgres://a:b@host/sluice' }
    expect(loadConfig({ ...database, FAULT_POINT: 'task-made:3' }).FAULT_POINT).toEqual({ name: 'task-made', n: 3 })
    expect(() => loadConfig({ ...database, FAULT_POINT: 'task-made:1', NODE_ENV: 'production' })).toThrow(
      'FAULT_POINT: kills the process; it is refused with NODE_ENV=production',
    )
    for (const wrong of ['task-made', 'task-made:0', 'nowhere:1', ':'])
      expect(() => loadConfig({ ...database, FAULT_POINT: wrong })).toThrow('FAULT_POINT: wants')
  })
})
