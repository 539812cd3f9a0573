import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imageMemory } from '../../core/media/cost.ts'
import { planImage } from '../../core/media/image-variants.ts'
import { hugePng, plainImage } from '../../fixtures/images.ts'
import { startDecoder } from './decoder.ts'
import { frameOf } from './frames.ts'
import { type ImageDesk, openImageDesk } from './image-desk.ts'
import { defaultImageLimits as limits } from './sharp-setup.ts'
import { findTools } from './tools.ts'

const { signal } = new AbortController()
const broken = fileURLToPath(new URL('../../fixtures/broken-decoder.ts', import.meta.url))
const common = { limits, tenant: 'a', signal }
let sandbox: string[]
let desk: ImageDesk
let breaking: ImageDesk

beforeAll(async () => {
  sandbox = (await findTools({})).sandbox
  desk = openImageDesk({ sandbox, most: 2 })
  breaking = openImageDesk({ sandbox, most: 2, program: broken })
})
afterAll(async () => {
  await desk.close()
  await breaking.close()
})

const does = (deed: string, tenant = 'a') => breaking.open({ ...common, tenant, bytes: Buffer.from(deed) })

describe('pictures in a process of their own', () => {
  test('are opened and rendered there as they would be here', async () => {
    const bytes = await plainImage({ width: 640, height: 480, color: '#3070c0', format: 'avif' })
    const facts = await desk.open({ ...common, bytes })
    expect(facts).toMatchObject({ format: 'avif', width: 640, height: 480 })
    const plan = planImage({ facts })
    const { rendered, placeholder } = await desk.render({ ...common, bytes, plan })
    expect(rendered.map(({ render }) => render)).toEqual(plan.renders)
    expect(rendered[0]).toMatchObject({ format: 'webp', width: 320, height: 240, hasMetadata: false })
    expect(placeholder.color).toMatch(/^#/)
  })

  test('are HEIC too, within the memory that such a picture is let in for', async () => {
    const bytes = await readFile(new URL('../../fixtures/heic/phone.heic', import.meta.url))
    const plan = planImage({ facts: await desk.open({ ...common, bytes }) })
    const { rendered } = await desk.render({ ...common, bytes, plan, memory: 100 * 2 ** 20 })
    expect(rendered.length).toBe(plan.renders.length)
  })

  test('have the memory that they are let in for, also where all of a large one is held while it is decoded', async () => {
    const size = { width: 6000, height: 4500 }
    const noise = { type: 'gaussian' as const, mean: 120, sigma: 30 }
    const grain = sharp({ create: { ...size, channels: 3, background: '#000', noise } })
    const bytes = await grain.avif({ quality: 20, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer()
    const plan = planImage({ facts: size })
    const { width, height } = plan.working
    const memory = imageMemory({ format: 'avif', pixels: size.width * size.height, working: width * height })
    const { rendered } = await desk.render({ ...common, bytes, plan, memory })
    expect(rendered.length).toBe(plan.renders.length)
  })

  test('are refused with the code that they would be refused with here', async () => {
    const bytes = hugePng({ width: 30_000, height: 30_000 })
    await expect(desk.open({ ...common, bytes })).rejects.toMatchObject({ code: 'too_many_pixels', fate: 'give_up' })
    await expect(desk.open({ ...common, bytes: Buffer.from('no picture') })).rejects.toMatchObject({
      code: 'unsupported_container',
    })
  })

  test('get no more memory than they are let in for', async () => {
    const size = { width: 7000, height: 7000 }
    // Held whole while it is decoded.
    const blank = sharp({ create: { ...size, channels: 3, background: '#3070c0' } })
    const bytes = await blank.jpeg({ progressive: true }).toBuffer()
    const plan = planImage({ facts: size })
    const frame = frameOf({ call: 'render', limits, plan }, [bytes])
    const small = startDecoder({ sandbox, memoryBytes: 2 ** 20 })
    if (sandbox.includes('--data='))
      await expect(small.ask({ frame, wallMs: 60_000, signal })).rejects.toMatchObject({ code: 'resource_limit' })
    await small.end()
  })
})

describe('a decoder that a picture broke', () => {
  test('costs that picture and nothing else: a crash', async () => {
    const other = does('remember', 'b')
    await expect(does('crash')).rejects.toMatchObject({ code: 'decoder_crashed', fate: 'retry' })
    expect(await other).toMatchObject({ width: 1 })
    expect(await does('remember')).toMatchObject({ pages: 1 })
  })

  test('a bomb ends at the limit of its memory', async () => {
    if (!sandbox.includes('--data=')) return
    await expect(does('eat')).rejects.toMatchObject({ code: 'resource_limit' })
    expect(await does('remember')).toMatchObject({ pages: 1 })
  })

  test('a hang ends with its time, and with its task', async () => {
    const stuck = startDecoder({ sandbox, memoryBytes: 2 ** 28, program: broken })
    const frame = frameOf({}, [Buffer.from('hang')])
    await expect(stuck.ask({ frame, wallMs: 1_000, signal })).rejects.toMatchObject({ code: 'resource_limit' })
    expect(stuck.gone).toBe(true)
    const cancel = new AbortController()
    const cancelled = breaking.open({ ...common, signal: cancel.signal, bytes: Buffer.from('hang') })
    setImmediate(() => cancel.abort(new Error('cancelled')))
    await expect(cancelled).rejects.toThrow('cancelled')
  })

  test.each(['lie', 'babble', 'shout'])('is not believed: it may %s', async (deed) => {
    await expect(does(deed)).rejects.toMatchObject({ code: 'decoder_crashed' })
  })

  test('cannot make its task wait for ever by what it says', async () => {
    await expect(does('wait')).rejects.toMatchObject({ code: 'decoder_crashed', fate: 'retry' })
  })

  test('never meets a picture of another tenant', async () => {
    expect(await does('remember', 'c')).toMatchObject({ pages: 1 })
    expect(await does('remember', 'c')).toMatchObject({ pages: 2 })
    expect(await does('remember', 'd')).toMatchObject({ pages: 1 })
  })
})
