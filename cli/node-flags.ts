/**
 * How our processes run Node. Bytes that stream through the API die young: a small nursery frees them
 * after a few MB instead of after a hundred, and costs no speed.
 */
export const nodeFlags = ['--max-semi-space-size=2']
