/** The name of the error that says that a test needs what this platform does not have. */
export const NOT_HERE = 'NotHere'

/** Stands for something of a module that the platform does not have: loads, and fails when it is used. */
export function notHere(module: string): () => never {
  return function () {
    throw Object.assign(new Error(`needs ${module}`), { name: NOT_HERE })
  }
}
