import type { StateMachineDefinition } from '../../statemachines/definition/types.ts'
import { type DiagramFormat, diagram } from '../../statemachines/diagram/diagram.ts'
import type { StateStatuses } from '../../statemachines/diagram/diagramGraph.ts'

/** A drawing of a definition that was checked when it was created. */
export function drawn(definition: string, format: DiagramFormat, statuses?: StateStatuses): string {
  return diagram(JSON.parse(definition) as StateMachineDefinition, format, statuses)
}
