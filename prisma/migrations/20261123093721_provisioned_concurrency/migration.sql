-- AlterTable
ALTER TABLE "attempt" ADD COLUMN     "is_provisioned" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "provisioned_concurrency_config" (
    "function_id" UUID NOT NULL,
    "qualifier" TEXT NOT NULL,
    "requested" INTEGER NOT NULL,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL,
    "status_reason" TEXT,
    "allocated" INTEGER NOT NULL DEFAULT 0,
    "available" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "provisioned_concurrency_config_pkey" PRIMARY KEY ("function_id","qualifier")
);

-- CreateTable
CREATE TABLE "provisioned_environment" (
    "function_id" UUID NOT NULL,
    "qualifier" TEXT NOT NULL,
    "node_id" UUID NOT NULL,
    "version_number" INTEGER NOT NULL,
    "allocated" INTEGER NOT NULL,
    "available" INTEGER NOT NULL,
    "failure" TEXT,

    CONSTRAINT "provisioned_environment_pkey" PRIMARY KEY ("function_id","qualifier","node_id","version_number")
);

-- CreateTable
CREATE TABLE "provisioned_period" (
    "id" UUID NOT NULL,
    "function_id" UUID NOT NULL,
    "qualifier" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "environments" INTEGER NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "function_name" TEXT NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "architecture" TEXT NOT NULL,

    CONSTRAINT "provisioned_period_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "provisioned_period_account_id_region_started_at_idx" ON "provisioned_period"("account_id", "region", "started_at");

-- AddForeignKey
ALTER TABLE "provisioned_concurrency_config" ADD CONSTRAINT "provisioned_concurrency_config_function_id_fkey" FOREIGN KEY ("function_id") REFERENCES "function"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provisioned_environment" ADD CONSTRAINT "provisioned_environment_function_id_qualifier_fkey" FOREIGN KEY ("function_id", "qualifier") REFERENCES "provisioned_concurrency_config"("function_id", "qualifier") ON DELETE CASCADE ON UPDATE CASCADE;

-- At least one environment is asked for, counts are counts, and only a failure has a reason.
ALTER TABLE "provisioned_concurrency_config"
  ADD CONSTRAINT "provisioned_concurrency_config_requested_check" CHECK ("requested" >= 1),
  ADD CONSTRAINT "provisioned_concurrency_config_counts_check" CHECK ("allocated" BETWEEN 0 AND "requested" AND "available" >= 0),
  ADD CONSTRAINT "provisioned_concurrency_config_status_check"
    CHECK ("status" IN ('IN_PROGRESS', 'READY', 'FAILED') AND ("status_reason" IS NULL OR "status" = 'FAILED'));

ALTER TABLE "provisioned_environment"
  ADD CONSTRAINT "provisioned_environment_counts_check" CHECK ("allocated" >= 0 AND "available" >= 0);

-- A period is of something, and does not end before it began.
ALTER TABLE "provisioned_period"
  ADD CONSTRAINT "provisioned_period_check" CHECK ("environments" >= 1 AND "ended_at" >= "started_at");

-- Nothing is allocated, and billed, twice at the same time.
CREATE UNIQUE INDEX "provisioned_period_open_key" ON "provisioned_period" ("function_id", "qualifier", "version_number")
  WHERE "ended_at" IS NULL;
