import type { TaskOrder } from './taskOrder.ts'

/** What is to be done once the step that asks for it is durable. */
export type Command =
  | { readonly kind: 'RUN_TASK'; readonly taskId: number; readonly token: string | null; readonly order: TaskOrder }
  | { readonly kind: 'CANCEL_TASK'; readonly taskId: number }
