import type { Json } from './json.ts'

/** What the paths of a state may look at. */
export interface DataScope {
  /** `$`: the state's input, or what a step made of it. */
  readonly input: Json
  /** `$$`: the context object. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
  readonly context: Json
  /** `$name`. https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
  readonly variables: Readonly<Record<string, Json>>
}
