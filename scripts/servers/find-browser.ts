import { findCommand, isExecutable } from './find-command.ts'

const onMac = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The system's Chromium or Chrome, or the one that CHROMIUM_PATH names. */
export function findBrowser(): string | undefined {
  const given = process.env['CHROMIUM_PATH']
  if (given) return given
  return findCommand('chromium', 'chromium-browser', 'google-chrome') ?? onMac.find(isExecutable)
}
