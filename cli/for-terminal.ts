const spelled = (character: string) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

/** Somebody else's words on one line of a terminal: what would move its cursor, colour it or turn a line round is spelled out. */
export const forTerminal = (text: string) => text.replace(/\p{Control}|\p{Format}|\p{Zl}|\p{Zp}/gu, spelled)

/** The same for words of ours with somebody else's in between, on as many lines as they have. */
export const linesForTerminal = (text: string) => text.split('\n').map(forTerminal).join('\n')
