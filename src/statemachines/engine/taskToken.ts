/** What a task token names; null where it is none. */
export function parseTaskToken(token: string): { readonly executionArn: string; readonly taskId: number } | null {
  const [executionArn, taskId, secret] = Buffer.from(token, 'base64url').toString().split(' ')
  if (executionArn === undefined || secret === undefined || !/^\d{1,9}$/.test(taskId ?? '')) return null
  return { executionArn, taskId: Number(taskId) }
}
