-- CreateTable
CREATE TABLE "state_machine" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "role_arn" TEXT NOT NULL,
    "revision_id" UUID NOT NULL,
    "logging_level" TEXT NOT NULL DEFAULT 'OFF',
    "include_execution_data" BOOLEAN NOT NULL DEFAULT false,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "last_version_number" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "state_machine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "state_machine_version" (
    "state_machine_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "definition" TEXT NOT NULL,
    "role_arn" TEXT NOT NULL,
    "revision_id" UUID NOT NULL,
    "description" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "state_machine_version_pkey" PRIMARY KEY ("state_machine_id","number")
);

-- CreateTable
CREATE TABLE "state_machine_alias" (
    "state_machine_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "additional_number" INTEGER,
    "additional_weight" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "state_machine_alias_pkey" PRIMARY KEY ("state_machine_id","name")
);

-- CreateTable
CREATE TABLE "execution_definition" (
    "sha256" BYTEA NOT NULL,
    "definition" TEXT NOT NULL,

    CONSTRAINT "execution_definition_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "execution" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "state_machine_id" UUID NOT NULL,
    "state_machine_name" TEXT NOT NULL,
    "machine_type" TEXT NOT NULL,
    "version_number" INTEGER,
    "alias_name" TEXT,
    "name" TEXT NOT NULL,
    "definition_sha256" BYTEA NOT NULL,
    "role_arn" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "input" TEXT NOT NULL,
    "output" TEXT,
    "error" TEXT,
    "cause" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),
    "seed" INTEGER NOT NULL,
    "redrive_count" INTEGER NOT NULL DEFAULT 0,
    "redriven_at" TIMESTAMPTZ(3),
    "last_event_id" INTEGER NOT NULL,
    "transitions" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "node_id" UUID,
    "wake_at" TIMESTAMPTZ(3),
    "snapshot" TEXT,
    "snapshot_sequence" INTEGER NOT NULL DEFAULT 0,
    "map_run_id" UUID,
    "item_index" INTEGER,
    "child" TEXT,

    CONSTRAINT "execution_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "execution_stimulus" (
    "execution_id" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "execution_stimulus_pkey" PRIMARY KEY ("execution_id","sequence")
);

-- CreateTable
CREATE TABLE "execution_event" (
    "execution_id" UUID NOT NULL,
    "id" INTEGER NOT NULL,
    "previous_event_id" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "details" TEXT,
    "invocation_id" UUID,

    CONSTRAINT "execution_event_pkey" PRIMARY KEY ("execution_id","id")
);

-- CreateTable
CREATE TABLE "execution_inbox" (
    "id" BIGSERIAL NOT NULL,
    "execution_id" UUID NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "execution_inbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_token" (
    "token" TEXT NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "execution_id" UUID NOT NULL,
    "task_id" INTEGER NOT NULL,

    CONSTRAINT "task_token_pkey" PRIMARY KEY ("token")
);

-- CreateTable
CREATE TABLE "activity" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "activity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "activity_task" (
    "id" BIGSERIAL NOT NULL,
    "activity_id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "input" TEXT NOT NULL,

    CONSTRAINT "activity_task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "map_run" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "execution_id" UUID NOT NULL,
    "task_id" INTEGER NOT NULL,
    "arn" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "concurrency" INTEGER NOT NULL,
    "tolerated_failure_count" INTEGER,
    "tolerated_failure_percentage" DOUBLE PRECISION,
    "total" INTEGER,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "map_run_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "state_machine_account_id_region_name_key" ON "state_machine"("account_id", "region", "name");

-- CreateIndex
CREATE INDEX "execution_account_id_region_id_idx" ON "execution"("account_id", "region", "id");

-- CreateIndex
CREATE INDEX "execution_state_machine_id_id_idx" ON "execution"("state_machine_id", "id");

-- CreateIndex
CREATE INDEX "execution_inbox_execution_id_idx" ON "execution_inbox"("execution_id");

-- CreateIndex
CREATE INDEX "task_token_execution_id_task_id_idx" ON "task_token"("execution_id", "task_id");

-- CreateIndex
CREATE UNIQUE INDEX "activity_account_id_region_name_key" ON "activity"("account_id", "region", "name");

-- CreateIndex
CREATE UNIQUE INDEX "activity_task_token_key" ON "activity_task"("token");

-- CreateIndex
CREATE INDEX "activity_task_activity_id_id_idx" ON "activity_task"("activity_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "map_run_arn_key" ON "map_run"("arn");

-- CreateIndex
CREATE UNIQUE INDEX "map_run_execution_id_task_id_key" ON "map_run"("execution_id", "task_id");

-- AddForeignKey
ALTER TABLE "state_machine_version" ADD CONSTRAINT "state_machine_version_state_machine_id_fkey" FOREIGN KEY ("state_machine_id") REFERENCES "state_machine"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "state_machine_alias" ADD CONSTRAINT "state_machine_alias_state_machine_id_fkey" FOREIGN KEY ("state_machine_id") REFERENCES "state_machine"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "activity_task" ADD CONSTRAINT "activity_task_activity_id_fkey" FOREIGN KEY ("activity_id") REFERENCES "activity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma cannot say.

ALTER TABLE "state_machine" ADD CONSTRAINT "state_machine_type" CHECK ("type" IN ('STANDARD', 'EXPRESS'));
ALTER TABLE "execution" ADD CONSTRAINT "execution_status" CHECK ("status" IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'));
-- What has ended belongs to nobody and never goes on by itself.
ALTER TABLE "execution" ADD CONSTRAINT "execution_ended" CHECK ("status" = 'RUNNING' OR ("node_id" IS NULL AND "wake_at" IS NULL AND "stopped_at" IS NOT NULL));

-- Which executions a node has: small, however many there are in all.
CREATE INDEX "execution_of_node" ON "execution" ("node_id") WHERE "node_id" IS NOT NULL;
-- Which of those that nobody has in memory goes on next.
CREATE INDEX "execution_next_wake" ON "execution" ("wake_at") WHERE "node_id" IS NULL AND "wake_at" IS NOT NULL;
-- Names of Standard executions are unique, those of Express ones are not.
CREATE UNIQUE INDEX "execution_name" ON "execution" ("state_machine_id", "name") WHERE "machine_type" = 'STANDARD';
-- A child of a Map Run is started once.
CREATE UNIQUE INDEX "execution_of_item" ON "execution" ("map_run_id", "item_index") WHERE "map_run_id" IS NOT NULL;

-- Every commit of an execution changes its row, but no column of an index: there must be room for it on its page.
ALTER TABLE "execution" SET (fillfactor = 70);
-- These fill and empty all the time.
ALTER TABLE "execution_stimulus" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);
ALTER TABLE "execution_inbox" SET (autovacuum_vacuum_scale_factor = 0.01);
ALTER TABLE "task_token" SET (autovacuum_vacuum_scale_factor = 0.02);
