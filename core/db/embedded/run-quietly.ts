import { execFile } from 'node:child_process'

export type Ran = { code: number | undefined; stdout: string; stderr: string }

/** Runs a short command to its end and hands back what it said. A command that is missing or fails is an answer, not an error. */
export function runQuietly(options: { argv: string[]; uid?: number; gid?: number; timeoutMs?: number }): Promise<Ran> {
  const [file = '', ...args] = options.argv
  const { uid, gid } = options
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      {
        cwd: '/',
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' },
        timeout: options.timeoutMs ?? 120_000,
        maxBuffer: 16 * 2 ** 20,
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
        resolve({ code, stdout, stderr: stderr || (error === null ? '' : error.message) })
      },
    )
  })
}
