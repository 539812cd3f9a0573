import type { TestProject } from 'vitest/node'
import { findBrowser } from '../../scripts/servers/find-browser.ts'

/** For the project `browser`: where the system's Chromium lies. */
export default function setup(project: TestProject): void {
  const executablePath = findBrowser()
  if (executablePath === undefined) throw new Error('Chromium is not installed; try: apt-get install chromium')
  project.provide('browser', { executablePath })
}
