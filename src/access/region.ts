import { UserFault } from '../errors.ts'

/** The names that AWS takes in ARNs (recorded facts, no. 39). */
const REGION = /^(eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d$/

/** Throws a UserFault for what cannot be the name of a region. */
export function refuseMalformedRegion(region: string): void {
  if (REGION.test(region)) return
  throw new UserFault('VALIDATION', `${JSON.stringify(region)} is no region. Please name one such as us-east-1.`)
}
