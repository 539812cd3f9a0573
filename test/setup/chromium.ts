import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'

/** The system's Chromium, which plays without being clicked. Whoever starts it closes it. */
export async function launchChromium(): Promise<Browser> {
  const { executablePath } = inject('browser')
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']
  return chromium.launch({ executablePath, args })
}
