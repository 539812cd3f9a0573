import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { findTools } from '../../workers/edges/tools.ts'

/** One line on what a table was measured on, for above it: numbers mean nothing without. */
export async function machineFacts(): Promise<string> {
  const tools = await findTools({ searchPath: process.env['PATH'] })
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    `${availableParallelism()} cores of ${model}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.versions.node}`,
    `ffmpeg ${tools.version}`,
    `load before ${(loadavg()[0] ?? 0).toFixed(1)}`,
  ].join(', ')
}
