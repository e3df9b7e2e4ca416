import type { AccessTokens } from '../access/tokens.ts'
import type { BillingServices } from '../billing/services.ts'
import type { LimitIncreases } from '../concurrency/limitIncreases.ts'
import type { AwsEndpoints } from '../destinations/awsEndpoints.ts'
import type { EnvironmentRuntimes } from '../environments/runtimes.ts'
import type { EventServices } from '../events/services.ts'
import type { FunctionServices } from '../functions/services.ts'
import type { InvocationServices } from '../invocations/services.ts'
import type { StateMachineServices } from '../statemachines/services.ts'

/** What the API is given by the composition root. */
export interface Services {
  readonly access: AccessTokens
  readonly functions: FunctionServices
  readonly invocations: InvocationServices
  readonly awsEndpoints: AwsEndpoints
  readonly limitIncreases: LimitIncreases
  readonly events: EventServices
  readonly billing: BillingServices
  readonly runtimes: EnvironmentRuntimes
  readonly stateMachines: StateMachineServices
}
