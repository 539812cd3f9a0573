import type { UIConfig } from '@bull-board/api/dist/types.js'

const logo =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230d6b73'/%3E%3Cpath d='M7 11q4.5-4 9 0t9 0M7 17q4.5-4 9 0t9 0M7 23q4.5-4 9 0t9 0' fill='none' stroke='%23fff' stroke-width='2.5' stroke-linecap='round'/%3E%3C/svg%3E"

/** The board in the colours of the console, with a way back to it and none out of the house. */
export const boardLooks: UIConfig = {
  boardTitle: 'Sluice',
  boardLogo: { path: logo, width: 28, height: 28 },
  favIcon: { default: logo, alternative: logo },
  miscLinks: [{ text: 'Console', url: '/' }],
  hideDocsLink: true,
  theme: {
    light: { primary: '#0d6b73', 'primary-foreground': '#ffffff', ring: '#0d6b73' },
    dark: { primary: '#5ec4cb', 'primary-foreground': '#06282b', ring: '#5ec4cb' },
  },
}
