/** Whoever asks while an answer is under way is answered by the next, all of them together: what costs a commit costs it once. */
export function together<Asked, Answer>(
  answerAll: (asked: Asked[]) => Promise<(Answer | undefined)[]>,
): (asked: Asked) => Promise<Answer | undefined> {
  const waiting: { asked: Asked; told: PromiseWithResolvers<Answer | undefined> }[] = []
  let answering = false

  async function answer(): Promise<void> {
    answering = true
    while (waiting.length > 0) {
      const now = waiting.splice(0)
      try {
        const answers = await answerAll(now.map(({ asked }) => asked))
        for (const [at, { told }] of now.entries()) told.resolve(answers[at])
      } catch (err) {
        for (const { told } of now) told.reject(err)
      }
    }
    answering = false
  }

  return (asked) => {
    const told = Promise.withResolvers<Answer | undefined>()
    waiting.push({ asked, told })
    if (!answering) answer()
    return told.promise
  }
}
