import { defineConfig } from 'vitest/config'
import { findPostgres } from './scripts/services.ts'

const conditions = ['holdfast-source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'assistants/*/**/*.test.ts',
      'sandbox/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/src/**/*.test.ts',
    ],
    testTimeout: 30_000,
    maxWorkers: 2,
    // Empty where there is none: then what is tested on a server is skipped.
    env: { POSTGRES_PATH: findPostgres() ?? '' },
  },
})
