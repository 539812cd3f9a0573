import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'
import { tempFolder } from './temp-folder.ts'

/** The system's Chromium, which plays without being clicked. Whoever starts it closes it. */
export async function launchChromium(): Promise<Browser> {
  const { executablePath } = inject('browser')
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']
  const folder = await tempFolder(0o700)
  // What one of its processes that is killed leaves, and where its library for sound keeps a folder; by itself that makes one of a lasting name, and a link to it in the user's home.
  const env = { ...process.env, TMPDIR: folder, PULSE_RUNTIME_PATH: folder }
  return chromium.launch({ executablePath, args, env })
}
