import type { UIConfig } from '@bull-board/api/dist/types.js'

/** The board in the colours of the console, with a way back to it and none out of the house. */
export const boardLooks: UIConfig = {
  boardTitle: 'Sluice',
  miscLinks: [{ text: 'Console', url: '/' }],
  hideDocsLink: true,
  theme: {
    light: { primary: '#0d6b73', 'primary-foreground': '#ffffff', ring: '#0d6b73' },
    dark: { primary: '#5ec4cb', 'primary-foreground': '#06282b', ring: '#5ec4cb' },
  },
}
