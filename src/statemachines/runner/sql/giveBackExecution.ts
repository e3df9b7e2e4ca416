/**
 * Gives an execution back that this node could not go on with, for whoever wants to try again later. Parameters:
 * execution, node, when. Does nothing where another node has it. Locks its row.
 */
export const giveBackExecution = {
  name: 'give_back_execution',
  text: `
    UPDATE execution SET node_id = NULL, wake_at = $3
    WHERE id = $1 AND node_id = $2 AND status = 'RUNNING'`,
} as const
