import { defineConfig } from 'vitest/config'
import { findChromium, findPostgres, findRedis } from './scripts/services.ts'

const conditions = ['holdfast-source']

/** The tests from outside: real processes on real ports, one file after the other, so that they do not disturb each other's times. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Empty where there is none: then the tests that need it are skipped.
    env: { CHROMIUM_PATH: findChromium() ?? '', POSTGRES_PATH: findPostgres() ?? '', REDIS_PATH: findRedis() ?? '' },
  },
})
