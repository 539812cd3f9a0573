export { type Asset, type NewAsset, type Problem, Sluice, type SluiceOptions, SluiceProblem } from './sluice.ts'
