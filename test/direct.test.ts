import { directSuite } from './direct.suite.ts'

directSuite({ name: 'local storage', env: async () => ({}) })
