export const handler = async ({ payment }) => {
  console.log(`refunded ${payment.amount} of ${payment.paymentId}`)
  return { refunded: payment.amount }
}
