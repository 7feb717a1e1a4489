import { defineConfig } from 'vitest/config'

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
    // Half of the time went to loading the same modules for each file again. So no file may leave anything behind.
    isolate: false,
  },
})
