import { expect, it } from 'vitest'
import type { AssetPlan } from '../../core/plan.ts'
import type { TaskRun } from '../house.ts'
import { dueNow, isOver, lateTasks } from './late-tasks.ts'

const run = { asset: { id: 'a', priority: 'normal' }, task: { generation: 1 } } as TaskRun // only these are read
const plan = { kind: 'video', info: { duration: 7_200 }, storyboard: {}, mp4: {} } as AssetPlan // only whether they are wanted is read, and how long it is
const keys = (tasks: { key: string }[]) => tasks.map(({ key }) => key)

it('the storyboard begins when the video plays, the MP4 when every segment is there, each once', () => {
  const toCome = lateTasks({ run, plan, tasks: [{ key: 'encode:0' }] })
  expect(keys(dueNow({ toCome, playable: false, made: false }))).toEqual([])
  expect(keys(dueNow({ toCome, playable: true, made: false }))).toEqual(['storyboard'])
  expect(keys(dueNow({ toCome, playable: true, made: true }))).toEqual(['storyboard', 'mp4'])
  expect(keys(lateTasks({ run, plan, tasks: [{ key: 'storyboard' }] }))).toEqual(['mp4'])
})

it('what the profile switched off never comes', () => {
  expect(lateTasks({ run, plan: { ...plan, storyboard: null, mp4: null } as AssetPlan, tasks: [] })).toEqual([])
})

it('a failed storyboard is over, a failed MP4 is not', () => {
  expect(isOver({ key: 'storyboard', status: 'failed' })).toBe(true)
  expect(isOver({ key: 'mp4', status: 'failed' })).toBe(false)
  expect(isOver({ key: 'storyboard', status: 'running' })).toBe(false)
})
