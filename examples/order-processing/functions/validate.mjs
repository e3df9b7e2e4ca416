class InvalidOrder extends Error {
  name = 'InvalidOrder'
}

/** Adds an order up. An order without items, or with a price that is none, is an error that nothing repairs. */
export const handler = async ({ items }) => {
  if (!Array.isArray(items) || items.length === 0) throw new InvalidOrder('The order has no items.')
  for (const { name, price, quantity = 1 } of items) {
    if (!(price > 0) || !(quantity > 0)) throw new InvalidOrder(`${name} has no price, or no quantity.`)
  }
  const total = items.reduce((sum, { price, quantity = 1 }) => sum + price * quantity, 0)
  return { total, needsApproval: total > 500 }
}
