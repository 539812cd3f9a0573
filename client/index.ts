export {
  type Asset,
  type BuiltInProfile,
  type NewAsset,
  type Problem,
  type SignedAsset,
  Sluice,
  type SluiceOptions,
  SluiceProblem,
} from './sluice.ts'
