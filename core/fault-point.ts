/** Where a process can be made to die, so that tests see what the others then make of it; by what was done just before. */
export const faultPoints = [
  'asset-committed',
  'answer-made',
  'chunk-stored',
  'last-byte-safe',
  'upload-sealed',
  'upload-committed',
  'multipart-begun',
  'multipart-complete',
  'task-claimed',
  'segments-stored',
  'task-made',
  'before-flip',
  'flipped',
  'task-committed',
  'task-sent',
  'relay-read',
  'relay-sent',
  'lost-found',
  'object-home',
] as const
export type FaultPoint = (typeof faultPoints)[number]
export type ArmedPoint = { name: FaultPoint; n: number }

let armed: ArmedPoint | undefined
let passed = 0

/** Once, by a process's composition root. */
export function armFaultPoint(point: ArmedPoint | undefined): void {
  armed = point
  passed = 0
}

/** Nothing, unless this is the point that `FAULT_POINT` names, passed for the n-th time: then it is the process's last step. */
export function faultPoint(name: FaultPoint): void {
  if (armed?.name !== name) return
  passed++
  if (passed === armed.n) process.kill(process.pid, 'SIGKILL')
}
