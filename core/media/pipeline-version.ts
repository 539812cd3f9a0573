/**
 * Raised by whoever changes the pipeline so that a source would come out better than before:
 * `sluice reprocess --older-pipeline` then finds what was made before that.
 */
export const pipelineVersion = 1
