import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes long, longest first. What is not named takes seconds, and fills the gaps at the end. */
const long = [
  'test/faults.redis.test.ts',
  'test/formats.test.ts',
  'test/docs-commands.test.ts',
  'core/storage/s3.s3.test.ts',
  'test/console.browser.test.ts',
  'test/cli.test.ts',
  'test/reprocess-cli.test.ts',
  'test/memory.test.ts',
  'test/hostile.test.ts',
  'test/naughty.test.ts',
  'workers/video/encode-chunk.test.ts',
  'test/up.test.ts',
  'workers/audio/encode-m4a.test.ts',
  'workers/video/stills.test.ts',
  'core/db/embedded/embedded.test.ts',
  'test/endings.test.ts',
  'workers/video/storyboard.test.ts',
]

/** So that the last files to run are short, and all workers end together, also where no run before told how long each takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}`))
      return at < 0 ? long.length : at
    }
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b))
  }
}
