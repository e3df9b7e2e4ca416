-- CreateTable
CREATE TABLE "alias_shift" (
    "id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "alias_name" TEXT NOT NULL,
    "from_version" INTEGER NOT NULL,
    "to_version" INTEGER NOT NULL,
    "steps" JSONB NOT NULL,
    "step" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "maximum_error_rate_percent" DOUBLE PRECISION,
    "maximum_p99_ms" INTEGER,
    "minimum_invocations" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "first_invocation_id" UUID NOT NULL,
    "step_ends_at" TIMESTAMPTZ(3) NOT NULL,
    "look_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "alias_shift_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alias_shift_event" (
    "transaction_id" BIGINT NOT NULL DEFAULT event_transaction_id(),
    "sequence" BIGSERIAL NOT NULL,
    "function_id" UUID NOT NULL,
    "alias_name" TEXT NOT NULL,
    "shift_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "to_version" INTEGER NOT NULL,
    "weight_percent" INTEGER NOT NULL,
    "reason" TEXT,

    CONSTRAINT "alias_shift_event_pkey" PRIMARY KEY ("function_id","transaction_id","sequence")
);

-- CreateIndex
CREATE INDEX "alias_shift_function_id_alias_name_started_at_idx" ON "alias_shift"("function_id", "alias_name", "started_at");

-- AddForeignKey
ALTER TABLE "alias_shift" ADD CONSTRAINT "alias_shift_function_id_fkey" FOREIGN KEY ("function_id") REFERENCES "function"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- An alias is shifted once at a time; who looks for shifts to move on meets only those that run.
CREATE UNIQUE INDEX "alias_shift_running_key" ON "alias_shift" ("function_id", "alias_name") WHERE "status" = 'RUNNING';
CREATE INDEX "alias_shift_look_idx" ON "alias_shift" ("look_at") WHERE "status" = 'RUNNING';
ALTER TABLE "alias_shift"
    ADD CONSTRAINT "alias_shift_status_known" CHECK ("status" IN ('RUNNING', 'COMPLETED', 'ROLLED_BACK', 'STOPPED')),
    ADD CONSTRAINT "alias_shift_ended_has_a_time" CHECK (("ended_at" IS NULL) = ("status" = 'RUNNING'));
ALTER TABLE "alias_shift_event"
    ADD CONSTRAINT "alias_shift_event_type_known"
        CHECK ("type" IN ('STARTED', 'STEPPED', 'COMPLETED', 'ROLLED_BACK', 'STOPPED'));
