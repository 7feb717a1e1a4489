import { defineConfig } from 'vitest/config'
import { findPostgresql } from './scripts/services.ts'

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
    // Empty where there is none: then the tests that need it are skipped.
    env: { POSTGRESQL_BIN: findPostgresql() ?? '' },
  },
})
