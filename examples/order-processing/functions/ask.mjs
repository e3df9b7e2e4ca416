/** Tells the people in charge. Whoever has the token decides: see the README. */
export const handler = async ({ orderId, total, taskToken }) => {
  console.log(`order ${orderId} of ${total} waits for approval: ${taskToken}`)
}
