export {
  type Asset,
  type BuiltInProfile,
  type NewAsset,
  type Problem,
  Sluice,
  type SluiceOptions,
  SluiceProblem,
} from './sluice.ts'
