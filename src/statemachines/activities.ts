import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Activity } from '../db/generated/client.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import { notifyCall, topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import type { Clock } from '../model/clock.ts'
import type { Page, PageRequest, Scope } from '../model/records.ts'
import { openObject } from './executions/openObject.ts'
import { activityArn, parseActivityArn } from './stateMachineArn.ts'
import { checkName, invalidArn } from './stateMachineRules.ts'

export interface ActivityRecord {
  readonly activityArn: string
  readonly name: string
  readonly createdAt: Date
}

export interface FetchedTask {
  readonly taskToken: string
  /** JSON text. */
  readonly input: string
}

/** Work that workers ask for. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html */
export interface Activities {
  /** Creating one that is there gives it. */
  create(scope: Scope, name: string): Promise<ActivityRecord>
  delete(scope: Scope, arn: string): Promise<void>
  find(scope: Scope, arn: string): Promise<ActivityRecord>
  list(scope: Scope, request: PageRequest<string>): Promise<Page<ActivityRecord>>
  /** The next task, waited for up to a minute; null where none has come. */
  fetchTask(scope: Scope, arn: string, workerName: string | null, signal: AbortSignal): Promise<FetchedTask | null>
}

/**
 * Gives the oldest task of an activity to one worker, and tells its execution that it has begun. Parameters: activity,
 * note of the beginning without the task's id, now.
 *
 * Locks: the task's row, skipping those that others are taking; then its execution's.
 */
const takeTask = {
  name: 'take_activity_task',
  text: `
    WITH task AS (
      DELETE FROM activity_task WHERE id = (
        SELECT id FROM activity_task WHERE activity_id = $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
      ) RETURNING token, input
    ), going AS (
      SELECT execution.id, execution.node_id, token.task_id
      FROM task JOIN task_token token ON token.token = task.token JOIN execution ON execution.id = token.execution_id
      WHERE execution.status = 'RUNNING'
      FOR UPDATE OF execution
    ), told AS (
      INSERT INTO execution_inbox (execution_id, body)
      SELECT id, $2 || ',"taskId":' || task_id || '}' FROM going
    ), woken AS (
      UPDATE execution SET wake_at = $3 FROM going WHERE execution.id = going.id AND going.node_id IS NULL
    )
    SELECT task.token AS "taskToken", task.input,
           ${notifyCall(`'${topics.executions}'`)}
    FROM task JOIN going ON true`,
} as const

const LONGEST_FETCH_MS = 60_000

export function createActivities(prisma: PrismaClient, database: Pool, wakeups: Wakeups, clock: Clock): Activities {
  async function rowOf(scope: Scope, arn: string): Promise<Activity> {
    const name = parseActivityArn(arn, scope)
    if (name === null && !arn.includes(':activity:')) throw invalidArn(arn)
    const { accountId, region } = scope
    const row =
      name === null
        ? null
        : await prisma.activity.findUnique({ where: { accountId_region_name: { accountId, region, name } } })
    if (row === null) throw new UserFault('ACTIVITY_DOES_NOT_EXIST', `Activity Does Not Exist: '${arn}'`)
    return row
  }
  const recordOf = ({ accountId, region, name, createdAt }: Activity): ActivityRecord => ({
    activityArn: activityArn({ accountId, region }, name),
    name,
    createdAt,
  })

  return {
    async create({ accountId, region }, name) {
      checkName(name)
      const row = await prisma.activity.upsert({
        where: { accountId_region_name: { accountId, region, name } },
        create: { id: randomUUID(), accountId, region, name, createdAt: new Date(clock.now()) },
        update: {},
      })
      return recordOf(row)
    },
    async delete(scope, arn) {
      const row = await rowOf(scope, arn)
      await prisma.activity.deleteMany({ where: { id: row.id } })
    },
    find: async (scope, arn) => recordOf(await rowOf(scope, arn)),
    async list({ accountId, region }, { first, after }) {
      const rows = await prisma.activity.findMany({
        where: { accountId, region, ...(after === null ? {} : { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: first + 1,
      })
      return { items: rows.slice(0, first).map(recordOf), hasNextPage: rows.length > first }
    },
    async fetchTask(scope, arn, workerName, signal) {
      const { id } = await rowOf(scope, arn)
      const begun = openObject({ kind: 'TASK_STARTED', workerName })
      let wake = () => {}
      using _listening = wakeups.listen(topics.activities, () => wake())
      let isOver = signal.aborted
      const end = () => {
        isOver = true
        wake()
      }
      using _alarm = clock.schedule(clock.now() + LONGEST_FETCH_MS, end)
      signal.addEventListener('abort', end, { once: true })
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        const { rows } = await database.query<FetchedTask>({
          ...takeTask,
          values: [id, begun, new Date(clock.now())],
        })
        const [task] = rows
        if (task !== undefined) {
          wakeups.wake([topics.executions], 0n)
          return { taskToken: task.taskToken, input: task.input }
        }
        if (isOver) return null
        await woken
      }
    },
  }
}
