import { validateDefinition } from '../../statemachines/definition/validateDefinition.ts'
import type { RouteRequest } from '../../statemachines/machines/machineAliases.ts'
import { stateMachineArn as stateMachineArnOf } from '../../statemachines/stateMachineArn.ts'
import { connectionOf, nameCursors, numberCursors, pageRequest } from '../connection.ts'
import type { Resolvers, StateMachineRouteInput } from '../generated/resolvers.ts'
import { drawn } from './drawn.ts'
import { executionPage } from './executionPage.ts'
import { namedTags } from './functionInputs.ts'
import { mutate } from './mutate.ts'
import { nullWhereMissing } from './nullWhereMissing.ts'

const machineCursors = nameCursors('stateMachines')
const versionCursors = numberCursors('stateMachineVersions')
const aliasCursors = nameCursors('stateMachineAliases')

/** State machines: what is run, and under which names. */
export const stateMachines: Resolvers = {
  Query: {
    stateMachine: (_root, { stateMachineArn }, { services, principal }) =>
      nullWhereMissing(services.stateMachines.describeStateMachine(principal, stateMachineArn)),
    async stateMachines(_root, request, { services, principal }) {
      const page = await services.stateMachines.stateMachines(principal, pageRequest(request, machineCursors))
      return connectionOf(page, ({ name }) => machineCursors.encode(name))
    },
    validateStateMachineDefinition(_root, { definition, type, severity }) {
      const { result, diagnostics, truncated } = validateDefinition(definitionText(definition), {
        type: type ?? 'STANDARD',
        severity: severity ?? 'ERROR',
      })
      return {
        result,
        diagnostics: diagnostics.map((found) => ({ ...found, location: found.location ?? null })),
        truncated,
      }
    },
  },
  Mutation: {
    createStateMachine: (_root, { input }, context) =>
      mutate(context, { stateMachine: null, version: null }, async ({ stateMachines: services }, scope) => {
        const { publish, versionDescription, name } = input
        const stateMachine = await services.createStateMachine(scope, {
          name,
          type: input.type ?? 'STANDARD',
          definition: definitionText(input.definition),
          roleArn: input.roleArn ?? null,
          loggingLevel: input.loggingLevel ?? 'OFF',
          includeExecutionData: input.includeExecutionData ?? false,
          tags: namedTags(input.tags ?? []),
        })
        const arn = stateMachineArnOf(scope, name)
        const version = publish ? await services.publishVersion(scope, arn, versionDescription ?? '', null) : null
        return { stateMachine, version }
      }),
    updateStateMachine: (_root, { input }, context) =>
      mutate(context, { stateMachine: null, version: null }, async ({ stateMachines: services }, scope) => {
        const stateMachine = await services.updateStateMachine(scope, {
          stateMachineArn: input.stateMachineArn,
          definition: input.definition == null ? null : definitionText(input.definition),
          roleArn: input.roleArn ?? null,
          loggingLevel: input.loggingLevel ?? null,
          includeExecutionData: input.includeExecutionData ?? null,
        })
        const version = input.publish
          ? await services.publishVersion(scope, input.stateMachineArn, input.versionDescription ?? '', null)
          : null
        return { stateMachine, version }
      }),
    tagStateMachine: (_root, { input: { stateMachineArn, tags } }, context) =>
      mutate(context, { stateMachine: null }, async ({ stateMachines: services }, scope) => ({
        stateMachine: await services.tagStateMachine(scope, { stateMachineArn, tags: namedTags(tags), tagKeys: [] }),
      })),
    untagStateMachine: (_root, { input: { stateMachineArn, tagKeys } }, context) =>
      mutate(context, { stateMachine: null }, async ({ stateMachines: services }, scope) => ({
        stateMachine: await services.tagStateMachine(scope, { stateMachineArn, tags: [], tagKeys }),
      })),
    deleteStateMachine: (_root, { input: { stateMachineArn: arn } }, context) =>
      mutate(context, { stateMachineArn: null }, async ({ stateMachines: services }, scope) => {
        await services.deleteStateMachine(scope, arn)
        return { stateMachineArn: arn }
      }),
    publishStateMachineVersion: (_root, { input }, context) =>
      mutate(context, { version: null }, async ({ stateMachines: services }, scope) => ({
        version: await services.publishVersion(
          scope,
          input.stateMachineArn,
          input.description ?? '',
          input.revisionId ?? null,
        ),
      })),
    deleteStateMachineVersion: (_root, { input: { stateMachineVersionArn } }, context) =>
      mutate(context, { stateMachineVersionArn: null }, async ({ stateMachines: services }, scope) => {
        await services.deleteVersion(scope, stateMachineVersionArn)
        return { stateMachineVersionArn }
      }),
    createStateMachineAlias: (_root, { input }, context) =>
      mutate(context, { alias: null }, async ({ stateMachines: services }, scope) => ({
        alias: await services.createAlias(
          scope,
          input.name,
          input.description ?? '',
          input.routingConfiguration.map(routeOf),
        ),
      })),
    updateStateMachineAlias: (_root, { input }, context) =>
      mutate(context, { alias: null }, async ({ stateMachines: services }, scope) => ({
        alias: await services.updateAlias(
          scope,
          input.stateMachineAliasArn,
          input.description ?? null,
          input.routingConfiguration?.map(routeOf) ?? null,
        ),
      })),
    deleteStateMachineAlias: (_root, { input: { stateMachineAliasArn } }, context) =>
      mutate(context, { stateMachineAliasArn: null }, async ({ stateMachines: services }, scope) => {
        await services.deleteAlias(scope, stateMachineAliasArn)
        return { stateMachineAliasArn }
      }),
  },
  StateMachine: {
    stateMachineArn: ({ scope, name }) => stateMachineArnOf(scope, name),
    definition: ({ definition }) => JSON.parse(definition),
    definitionText: ({ definition }) => definition,
    tags: ({ tags }) => Object.entries(tags).map(([key, value]) => ({ key, value })),
    diagram: ({ definition }, { format }) => drawn(definition, format ?? 'SVG'),
    async versions(machine, request, { services }) {
      const page = await services.stateMachines.versions(machine, pageRequest(request, versionCursors))
      return connectionOf(page, ({ number }) => versionCursors.encode(number))
    },
    async aliases(machine, request, { services }) {
      const page = await services.stateMachines.aliases(machine, pageRequest(request, aliasCursors))
      return connectionOf(page, ({ name }) => aliasCursors.encode(name))
    },
    async executions(machine, { status, ...request }, { services, principal }) {
      return executionPage(services, principal, { stateMachineId: machine.id, status: status ?? null }, request)
    },
  },
  StateMachineVersion: {
    stateMachineVersionArn: ({ machine, number }) => stateMachineArnOf(machine.scope, machine.name, number),
    version: ({ number }) => number,
    definition: ({ definition }) => JSON.parse(definition),
  },
  StateMachineAlias: {
    stateMachineAliasArn: ({ machine, name }) => stateMachineArnOf(machine.scope, machine.name, name),
    routingConfiguration: ({ machine, routing }) =>
      routing.map(({ versionNumber, weight }) => ({
        stateMachineVersionArn: stateMachineArnOf(machine.scope, machine.name, versionNumber),
        weight,
      })),
  },
}

function routeOf({ stateMachineVersionArn, weight }: StateMachineRouteInput): RouteRequest {
  return { stateMachineVersionArn, weight: weight ?? 100 }
}

/** A definition may be sent as JSON, or as a text that holds it. */
function definitionText(definition: unknown): string {
  return typeof definition === 'string' ? definition : JSON.stringify(definition)
}
