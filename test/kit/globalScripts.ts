import { removeTranspiled } from './transpile.ts'

/** Processes of test files are killed when they are done: what they have bundled goes with the run. */
export default function setup(): () => void {
  return removeTranspiled
}
