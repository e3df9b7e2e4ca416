-- AlterTable
ALTER TABLE "function" ADD COLUMN     "recursive_loop" TEXT NOT NULL DEFAULT 'TERMINATE';

-- AlterTable
ALTER TABLE "invocation" ADD COLUMN     "condition" TEXT,
ADD COLUMN     "redrive_of" UUID,
ADD COLUMN     "redriven_as" UUID,
ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'API',
ADD COLUMN     "trace_header" TEXT;

-- CreateTable
CREATE TABLE "delivery" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "invocation_id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "function_name" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "target_arn" TEXT NOT NULL,
    "source_arn" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "error_message" TEXT,
    "trace_header" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'PENDING',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dead_letter" (
    "invocation_id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "condition" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("invocation_id")
);

-- CreateTable
CREATE TABLE "aws_endpoint" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "endpoint_url" TEXT,
    "access_key_id" TEXT NOT NULL,
    "secret_access_key" TEXT NOT NULL,
    "session_token" TEXT,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "aws_endpoint_pkey" PRIMARY KEY ("account_id","region")
);

-- CreateTable
CREATE TABLE "invocation_key" (
    "function_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "input_sha256" BYTEA NOT NULL,
    "invocation_id" UUID NOT NULL,
    "node_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "invocation_key_pkey" PRIMARY KEY ("function_id","key")
);

-- CreateIndex
CREATE INDEX "delivery_invocation_id_idx" ON "delivery"("invocation_id");

-- CreateIndex
CREATE INDEX "dead_letter_function_id_invocation_id_idx" ON "dead_letter"("function_id", "invocation_id");

-- CreateIndex
CREATE INDEX "invocation_key_created_at_idx" ON "invocation_key"("created_at");

ALTER TABLE "function"
    ADD CONSTRAINT "function_recursive_loop_known" CHECK ("recursive_loop" IN ('TERMINATE', 'ALLOW'));
ALTER TABLE "invocation"
    ADD CONSTRAINT "invocation_source_known" CHECK ("source" IN ('API', 'DESTINATION', 'REDRIVE'));

-- An end has a time, and only an end.
ALTER TABLE "delivery"
    ADD CONSTRAINT "delivery_purpose_known" CHECK ("purpose" IN ('ON_SUCCESS', 'ON_FAILURE', 'DEAD_LETTER')),
    ADD CONSTRAINT "delivery_status_known" CHECK ("status" IN ('PENDING', 'DELIVERED', 'FAILED')),
    ADD CONSTRAINT "delivery_ended_has_a_time" CHECK (("ended_at" IS NULL) = ("status" = 'PENDING'));

-- What is due is found without meeting what was delivered; what is old, without meeting what is pending.
CREATE INDEX "delivery_pending_idx" ON "delivery" ("due_at") WHERE "status" = 'PENDING';
CREATE INDEX "delivery_ended_idx" ON "delivery" ("ended_at") WHERE "ended_at" IS NOT NULL;
