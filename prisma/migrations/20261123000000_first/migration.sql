-- What Prisma cannot say is written by hand: the function below, and everything from "Checks" on.

-- The transaction that writes a row, as the first half of the row's place in its event stream. A 64-bit number that
-- never wraps, unlike a row's xmin. Defined before the tables whose columns have it as their default.
CREATE FUNCTION event_transaction_id() RETURNS BIGINT
LANGUAGE sql VOLATILE PARALLEL UNSAFE
AS $$ SELECT pg_current_xact_id()::text::bigint $$;

-- CreateEnum
CREATE TYPE "access_token_role" AS ENUM ('ADMIN', 'INVOKER');

-- CreateEnum
CREATE TYPE "function_state" AS ENUM ('PENDING', 'ACTIVE', 'FAILED');

-- CreateTable
CREATE TABLE "account" (
    "id" CHAR(12) NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_region" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "concurrent_executions" INTEGER NOT NULL DEFAULT 1000,

    CONSTRAINT "account_region_pkey" PRIMARY KEY ("account_id","region")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "name" TEXT NOT NULL,
    "role" "access_token_role" NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "code_blob" (
    "sha256" BYTEA NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "unzipped_size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "code_blob_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "code_chunk" (
    "sha256" BYTEA NOT NULL,
    "position" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "code_chunk_pkey" PRIMARY KEY ("sha256","position")
);

-- CreateTable
CREATE TABLE "code_package" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "sha256" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "code_package_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "function" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "last_version_number" INTEGER NOT NULL DEFAULT 0,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "function_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "function_version" (
    "id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "description" TEXT NOT NULL,
    "runtime" TEXT NOT NULL,
    "handler" TEXT NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "timeout_seconds" INTEGER NOT NULL,
    "ephemeral_storage_mib" INTEGER NOT NULL,
    "environment" JSONB NOT NULL,
    "architecture" TEXT NOT NULL,
    "code_sha256" BYTEA NOT NULL,
    "code_size_bytes" INTEGER NOT NULL,
    "revision_id" UUID NOT NULL,
    "state" "function_state" NOT NULL,
    "state_reason" TEXT,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "function_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alias" (
    "id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "additional_number" INTEGER,
    "additional_weight" DOUBLE PRECISION,
    "description" TEXT NOT NULL,
    "revision_id" UUID NOT NULL,

    CONSTRAINT "alias_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node" (
    "id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invocation" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "function_id" UUID NOT NULL,
    "function_name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "qualifier" TEXT,
    "executed_version" INTEGER,
    "status" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "payload" TEXT,
    "client_context" TEXT,
    "result" TEXT,
    "function_error" TEXT,

    CONSTRAINT "invocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "queued_invocation" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "function_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "node_id" UUID,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "throttles" INTEGER NOT NULL DEFAULT 0,
    "version_number" INTEGER,

    CONSTRAINT "queued_invocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "invocation_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "node_id" UUID NOT NULL,
    "is_cold_start" BOOLEAN NOT NULL DEFAULT false,
    "log_stream_name" TEXT NOT NULL DEFAULT '',
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_us" INTEGER,
    "init_duration_us" INTEGER,
    "billed_ms" INTEGER,
    "max_memory_mib" INTEGER,
    "function_error" TEXT,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("invocation_id","number")
);

-- CreateTable
CREATE TABLE "log_event" (
    "transaction_id" BIGINT NOT NULL DEFAULT event_transaction_id(),
    "sequence" BIGSERIAL NOT NULL,
    "function_id" UUID NOT NULL,
    "function_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "log_stream_name" TEXT NOT NULL,
    "invocation_id" UUID,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "log_event_pkey" PRIMARY KEY ("function_id","transaction_id","sequence")
);

-- CreateTable
CREATE TABLE "invocation_event" (
    "transaction_id" BIGINT NOT NULL DEFAULT event_transaction_id(),
    "sequence" BIGSERIAL NOT NULL,
    "invocation_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "attempt" INTEGER,
    "next_attempt_at" TIMESTAMPTZ(3),

    CONSTRAINT "invocation_event_pkey" PRIMARY KEY ("invocation_id","transaction_id","sequence")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "transaction_id" BIGINT NOT NULL DEFAULT event_transaction_id(),
    "sequence" BIGSERIAL NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "function_id" UUID NOT NULL,
    "function_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "invocation_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "duration_us" INTEGER NOT NULL,
    "billed_ms" INTEGER NOT NULL,
    "request_price_nano_usd" BIGINT NOT NULL,
    "duration_price_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("account_id","region","transaction_id","sequence")
);

-- CreateTable
CREATE TABLE "monthly_usage" (
    "account_id" CHAR(12) NOT NULL,
    "month" DATE NOT NULL,
    "requests" BIGINT NOT NULL,

    CONSTRAINT "monthly_usage_pkey" PRIMARY KEY ("account_id","month")
);

-- CreateTable
CREATE TABLE "throttle_event" (
    "transaction_id" BIGINT NOT NULL DEFAULT event_transaction_id(),
    "sequence" BIGSERIAL NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "function_id" UUID NOT NULL,
    "function_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "invocation_id" UUID NOT NULL,
    "invocation_type" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "limit" INTEGER NOT NULL,

    CONSTRAINT "throttle_event_pkey" PRIMARY KEY ("account_id","region","transaction_id","sequence")
);

-- CreateIndex
CREATE UNIQUE INDEX "access_token_secret_hash_key" ON "access_token"("secret_hash");

-- CreateIndex
CREATE INDEX "access_token_account_id_id_idx" ON "access_token"("account_id", "id");

-- CreateIndex
CREATE INDEX "code_package_account_id_id_idx" ON "code_package"("account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "function_account_id_region_name_key" ON "function"("account_id", "region", "name");

-- CreateIndex
CREATE INDEX "function_version_code_sha256_idx" ON "function_version"("code_sha256");

-- CreateIndex
CREATE UNIQUE INDEX "function_version_function_id_number_key" ON "function_version"("function_id", "number");

-- CreateIndex
CREATE INDEX "alias_function_id_version_number_idx" ON "alias"("function_id", "version_number");

-- CreateIndex
CREATE INDEX "alias_function_id_additional_number_idx" ON "alias"("function_id", "additional_number");

-- CreateIndex
CREATE UNIQUE INDEX "alias_function_id_name_key" ON "alias"("function_id", "name");

-- CreateIndex
CREATE INDEX "node_instance_id_idx" ON "node"("instance_id");

-- CreateIndex
CREATE INDEX "invocation_account_id_region_id_idx" ON "invocation"("account_id", "region", "id");

-- CreateIndex
CREATE INDEX "invocation_function_id_id_idx" ON "invocation"("function_id", "id");

-- CreateIndex
CREATE INDEX "queued_invocation_node_id_idx" ON "queued_invocation"("node_id");

-- CreateIndex
CREATE INDEX "queued_invocation_function_id_idx" ON "queued_invocation"("function_id");

-- CreateIndex
CREATE INDEX "log_event_invocation_id_transaction_id_sequence_idx" ON "log_event"("invocation_id", "transaction_id", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_invocation_id_attempt_key" ON "ledger_entry"("invocation_id", "attempt");

-- AddForeignKey
ALTER TABLE "account_region" ADD CONSTRAINT "account_region_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_token" ADD CONSTRAINT "access_token_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_package" ADD CONSTRAINT "code_package_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_package" ADD CONSTRAINT "code_package_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "code_blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "function" ADD CONSTRAINT "function_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "function_version" ADD CONSTRAINT "function_version_function_id_fkey" FOREIGN KEY ("function_id") REFERENCES "function"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "function_version" ADD CONSTRAINT "function_version_code_sha256_fkey" FOREIGN KEY ("code_sha256") REFERENCES "code_blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_function_id_fkey" FOREIGN KEY ("function_id") REFERENCES "function"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey, both checked at commit: deleting a function takes its versions and aliases in an order of PostgreSQL's.
ALTER TABLE "alias" ADD CONSTRAINT "alias_function_id_version_number_fkey" FOREIGN KEY ("function_id", "version_number") REFERENCES "function_version"("function_id", "number") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- AddForeignKey
ALTER TABLE "alias" ADD CONSTRAINT "alias_function_id_additional_number_fkey" FOREIGN KEY ("function_id", "additional_number") REFERENCES "function_version"("function_id", "number") ON DELETE NO ACTION ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED;

-- Checks

ALTER TABLE "account"
    ADD CONSTRAINT "account_id_is_twelve_digits" CHECK ("id" ~ '^[0-9]{12}$');

ALTER TABLE "account_region"
    ADD CONSTRAINT "account_region_limit_not_negative" CHECK ("concurrent_executions" >= 0);

ALTER TABLE "access_token"
    ADD CONSTRAINT "access_token_hash_is_sha256" CHECK (octet_length("secret_hash") = 32);

ALTER TABLE "code_blob"
    ADD CONSTRAINT "code_blob_hash_is_sha256" CHECK (octet_length("sha256") = 32),
    ADD CONSTRAINT "code_blob_sizes_not_negative" CHECK ("size_bytes" >= 0 AND "unzipped_size_bytes" >= 0);

ALTER TABLE "code_chunk"
    ADD CONSTRAINT "code_chunk_hash_is_sha256" CHECK (octet_length("sha256") = 32),
    ADD CONSTRAINT "code_chunk_position_not_negative" CHECK ("position" >= 0),
    ADD CONSTRAINT "code_chunk_at_most_one_mebibyte" CHECK (octet_length("bytes") BETWEEN 1 AND 1048576);

ALTER TABLE "function"
    ADD CONSTRAINT "function_name_allowed" CHECK ("name" ~ '^[a-zA-Z0-9_-]{1,64}$'),
    ADD CONSTRAINT "function_last_version_not_negative" CHECK ("last_version_number" >= 0),
    ADD CONSTRAINT "function_tags_are_an_object" CHECK (jsonb_typeof("tags") = 'object');

ALTER TABLE "function_version"
    ADD CONSTRAINT "function_version_number_not_negative" CHECK ("number" >= 0),
    ADD CONSTRAINT "function_version_memory_in_range" CHECK ("memory_mib" BETWEEN 128 AND 10240),
    ADD CONSTRAINT "function_version_timeout_in_range" CHECK ("timeout_seconds" BETWEEN 1 AND 900),
    ADD CONSTRAINT "function_version_ephemeral_storage_in_range" CHECK ("ephemeral_storage_mib" BETWEEN 512 AND 10240),
    ADD CONSTRAINT "function_version_environment_is_an_object" CHECK (jsonb_typeof("environment") = 'object'),
    ADD CONSTRAINT "function_version_architecture_known" CHECK ("architecture" IN ('X86_64', 'ARM64')),
    ADD CONSTRAINT "function_version_code_size_not_negative" CHECK ("code_size_bytes" >= 0);

ALTER TABLE "alias"
    ADD CONSTRAINT "alias_name_allowed" CHECK ("name" ~ '^[a-zA-Z0-9_-]{1,128}$' AND "name" !~ '^[0-9]+$'),
    ADD CONSTRAINT "alias_version_not_negative" CHECK ("version_number" >= 0),
    ADD CONSTRAINT "alias_additional_both_or_none" CHECK (("additional_number" IS NULL) = ("additional_weight" IS NULL)),
    ADD CONSTRAINT "alias_additional_weight_in_range" CHECK ("additional_weight" BETWEEN 0 AND 1),
    ADD CONSTRAINT "alias_additional_is_published" CHECK ("additional_number" > 0),
    ADD CONSTRAINT "alias_additional_is_another_version" CHECK ("additional_number" <> "version_number"),
    ADD CONSTRAINT "alias_with_weights_does_not_point_at_latest" CHECK ("additional_number" IS NULL OR "version_number" > 0);

ALTER TABLE "invocation"
    ADD CONSTRAINT "invocation_type_known" CHECK ("type" IN ('REQUEST_RESPONSE', 'EVENT', 'DRY_RUN')),
    ADD CONSTRAINT "invocation_status_known" CHECK ("status" IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')),
    ADD CONSTRAINT "invocation_finished_has_a_time" CHECK (("finished_at" IS NOT NULL) = ("status" IN ('SUCCEEDED', 'FAILED')));

ALTER TABLE "queued_invocation"
    ADD CONSTRAINT "queued_invocation_counters_not_negative" CHECK ("attempts" >= 0 AND "failures" >= 0 AND "throttles" >= 0),
    ADD CONSTRAINT "queued_invocation_failures_within_attempts" CHECK ("failures" <= "attempts");

ALTER TABLE "attempt"
    ADD CONSTRAINT "attempt_counts_from_one" CHECK ("number" >= 1),
    ADD CONSTRAINT "attempt_outcome_known" CHECK ("outcome" IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'LOST')),
    ADD CONSTRAINT "attempt_measures_not_negative"
        CHECK ("duration_us" >= 0 AND "init_duration_us" >= 0 AND "billed_ms" >= 0 AND "max_memory_mib" >= 0);

ALTER TABLE "log_event"
    ADD CONSTRAINT "log_event_source_known" CHECK ("source" IN ('PLATFORM', 'STDOUT', 'STDERR'));

ALTER TABLE "invocation_event"
    ADD CONSTRAINT "invocation_event_type_known"
        CHECK ("type" IN ('QUEUED', 'STARTED', 'SUCCEEDED', 'RETRY_SCHEDULED', 'FAILED', 'RELEASED'));

ALTER TABLE "ledger_entry"
    ADD CONSTRAINT "ledger_entry_type_known" CHECK ("type" IN ('INVOCATION')),
    ADD CONSTRAINT "ledger_entry_attempt_counts_from_one" CHECK ("attempt" >= 1),
    ADD CONSTRAINT "ledger_entry_measures_not_negative" CHECK ("duration_us" >= 0 AND "billed_ms" >= 0 AND "memory_mib" > 0),
    ADD CONSTRAINT "ledger_entry_prices_not_negative"
        CHECK ("request_price_nano_usd" >= 0 AND "duration_price_nano_usd" >= 0);

ALTER TABLE "monthly_usage"
    ADD CONSTRAINT "monthly_usage_begins_a_month" CHECK (extract(day FROM "month") = 1),
    ADD CONSTRAINT "monthly_usage_not_negative" CHECK ("requests" >= 0);

ALTER TABLE "throttle_event"
    ADD CONSTRAINT "throttle_event_invocation_type_known" CHECK ("invocation_type" IN ('REQUEST_RESPONSE', 'EVENT')),
    ADD CONSTRAINT "throttle_event_reason_known" CHECK ("reason" IN (
        'CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
        'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
        'ENVIRONMENT_CAPACITY_EXCEEDED'
    )),
    ADD CONSTRAINT "throttle_event_limit_not_negative" CHECK ("limit" >= 0);

-- Published versions are immutable: an alias, a retry and a bill mean the same code for ever. Only becoming active is
-- still ahead of one that is PENDING.
CREATE FUNCTION refuse_version_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    allowed function_version := NEW;
BEGIN
    IF NEW.number <> OLD.number OR NEW.function_id <> OLD.function_id OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'a version keeps its id, its function and its number'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'function_version_immutable';
    END IF;
    IF OLD.number = 0 THEN
        RETURN NEW;
    END IF;
    IF OLD.state = 'PENDING' THEN
        allowed.state := OLD.state;
        allowed.state_reason := OLD.state_reason;
        allowed.revision_id := OLD.revision_id;
    END IF;
    IF allowed IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'version % of function % is published and cannot be changed', OLD.number, OLD.function_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'function_version_immutable';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "function_version_immutable" BEFORE UPDATE ON "function_version"
    FOR EACH ROW EXECUTE FUNCTION refuse_version_change();

-- A bill is corrected by a further entry, never by changing one.
CREATE FUNCTION refuse_ledger_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger entries are immutable: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_immutable';
END
$$;

-- For each statement, so that it refuses even where no row would match.
CREATE TRIGGER "ledger_entry_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entry"
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- What the claim reads: only waiting rows, in the order in which they are due.
CREATE INDEX "queued_invocation_waiting_idx" ON "queued_invocation"("due_at") WHERE "node_id" IS NULL;

-- Rows that change leave room on their page for their next version. The queue's rows live for milliseconds: cleaning up
-- must not wait until a fifth of a large table is dead.
ALTER TABLE "queued_invocation" SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE "attempt" SET (fillfactor = 85);
ALTER TABLE "invocation" SET (fillfactor = 85);
