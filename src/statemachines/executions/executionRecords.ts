/** The states of an execution; AWS's words. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
export const EXECUTION_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]
