-- AlterTable
ALTER TABLE "account_region" ADD COLUMN     "has_free_duration" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "price_list" TEXT NOT NULL DEFAULT 'standard';

-- AlterTable
ALTER TABLE "ledger_entry" ADD COLUMN     "architecture" TEXT NOT NULL DEFAULT 'X86_64',
ADD COLUMN     "budget_id" UUID,
ADD COLUMN     "budget_month" DATE,
ADD COLUMN     "budget_percentage" INTEGER,
ADD COLUMN     "is_provisioned" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "note" TEXT,
ADD COLUMN     "price_list" TEXT NOT NULL DEFAULT 'standard',
ADD COLUMN     "provisioned_period_id" UUID,
ADD COLUMN     "slice" INTEGER,
ALTER COLUMN "function_id" DROP NOT NULL,
ALTER COLUMN "function_name" DROP NOT NULL,
ALTER COLUMN "version_number" DROP NOT NULL,
ALTER COLUMN "invocation_id" DROP NOT NULL,
ALTER COLUMN "attempt" DROP NOT NULL;

-- AlterTable
ALTER TABLE "monthly_usage" ADD COLUMN     "mebibyte_milliseconds" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "provisioned_period" ADD COLUMN     "billed_until" TIMESTAMPTZ(3);
-- What ran before provisioned concurrency was billed stays free.
UPDATE "provisioned_period" SET "billed_until" = coalesce("ended_at", now());
ALTER TABLE "provisioned_period" ALTER COLUMN "billed_until" SET NOT NULL;

-- CreateTable
CREATE TABLE "monthly_spending" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "month" DATE NOT NULL,
    "spent_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "monthly_spending_pkey" PRIMARY KEY ("account_id","region","month")
);

-- CreateTable
CREATE TABLE "budget" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "amount_nano_usd" BIGINT NOT NULL,
    "alert_percentages" INTEGER[],
    "is_stopping" BOOLEAN NOT NULL,

    CONSTRAINT "budget_pkey" PRIMARY KEY ("account_id","region","name")
);

-- CreateTable
CREATE TABLE "price_list" (
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "billing_step_ms" INTEGER NOT NULL,
    "request_nano_usd" BIGINT NOT NULL,
    "free_requests_per_month" BIGINT NOT NULL,
    "x86_duration_pico_usd" BIGINT NOT NULL,
    "arm_duration_pico_usd" BIGINT NOT NULL,
    "x86_provisioned_duration_pico_usd" BIGINT NOT NULL,
    "arm_provisioned_duration_pico_usd" BIGINT NOT NULL,
    "x86_provisioned_pico_usd" BIGINT NOT NULL,
    "arm_provisioned_pico_usd" BIGINT NOT NULL,

    CONSTRAINT "price_list_pkey" PRIMARY KEY ("name","region","effective_from")
);

-- CreateIndex
CREATE UNIQUE INDEX "budget_id_key" ON "budget"("id");

-- Each attempt, each part of a provisioned period and each threshold of a budget has one entry at most; partial, so that
-- an entry of one kind costs nothing in the indexes of the others.
CREATE UNIQUE INDEX "ledger_entry_provisioned_period_id_slice_key" ON "ledger_entry" ("provisioned_period_id", "slice")
    WHERE "provisioned_period_id" IS NOT NULL;
CREATE UNIQUE INDEX "ledger_entry_budget_key" ON "ledger_entry" ("budget_id", "budget_month", "budget_percentage")
    WHERE "budget_id" IS NOT NULL;

-- The parts of an entry go together, by its type.
ALTER TABLE "ledger_entry" DROP CONSTRAINT "ledger_entry_type_known";
ALTER TABLE "ledger_entry"
    DROP CONSTRAINT "ledger_entry_measures_not_negative",
    ADD CONSTRAINT "ledger_entry_measures_not_negative"
        CHECK ("duration_us" >= 0 AND "billed_ms" >= 0 AND "memory_mib" >= 0),
    ADD CONSTRAINT "ledger_entry_type_known" CHECK (CASE "type"
        WHEN 'INVOCATION' THEN num_nulls("function_id", "function_name", "version_number", "invocation_id", "attempt") = 0
            AND num_nonnulls("provisioned_period_id", "budget_id") = 0 AND "memory_mib" > 0
        WHEN 'PROVISIONED_CONCURRENCY' THEN num_nulls("function_id", "function_name", "version_number",
            "provisioned_period_id", "slice") = 0 AND num_nonnulls("invocation_id", "budget_id") = 0
        WHEN 'BUDGET_ALERT' THEN num_nulls("budget_id", "budget_month", "budget_percentage", "note") = 0
            AND num_nonnulls("invocation_id", "provisioned_period_id") = 0
            AND "request_price_nano_usd" = 0 AND "duration_price_nano_usd" = 0
        ELSE false END);

-- What is still to be billed is found without meeting what was.
CREATE INDEX "provisioned_period_unbilled_idx" ON "provisioned_period" ("billed_until")
    WHERE "ended_at" IS NULL OR "billed_until" < "ended_at";

ALTER TABLE "price_list"
    ADD CONSTRAINT "price_list_step_positive" CHECK ("billing_step_ms" > 0),
    ADD CONSTRAINT "price_list_prices_not_negative" CHECK (least("request_nano_usd", "free_requests_per_month",
        "x86_duration_pico_usd", "arm_duration_pico_usd", "x86_provisioned_duration_pico_usd",
        "arm_provisioned_duration_pico_usd", "x86_provisioned_pico_usd", "arm_provisioned_pico_usd") >= 0);
ALTER TABLE "budget"
    ADD CONSTRAINT "budget_amount_positive" CHECK ("amount_nano_usd" > 0);

-- `standard`: $0.20 for a million requests behind a free million, $0.00001667 for a GB-second in steps of 100 ms.
-- `aws`: the same by the millisecond and with four more decimals, as in us-east-1 since December 2020 (arm64 since
-- September 2021): https://aws.amazon.com/lambda/pricing/
INSERT INTO "price_list" VALUES
    ('standard', '*', '2014-11-13', 100, 200, 1000000, 16670000, 13330000, 9720000, 7780000, 4170000, 3330000),
    ('aws', '*', '2014-11-13', 100, 200, 1000000, 16666700, 13333400, 9722200, 7777800, 4166700, 3333400),
    ('aws', '*', '2020-12-01', 1, 200, 1000000, 16666700, 13333400, 9722200, 7777800, 4166700, 3333400);

INSERT INTO "monthly_spending"
    SELECT "account_id", "region", date_trunc('month', "timestamp" AT TIME ZONE 'UTC')::date,
           sum("request_price_nano_usd" + "duration_price_nano_usd")
    FROM "ledger_entry" GROUP BY 1, 2, 3;
UPDATE "monthly_usage" SET "mebibyte_milliseconds" = coalesce((
    SELECT sum("billed_ms"::bigint * "memory_mib") FROM "ledger_entry"
    WHERE "ledger_entry"."account_id" = "monthly_usage"."account_id"
        AND date_trunc('month', "timestamp" AT TIME ZONE 'UTC')::date = "monthly_usage"."month"), 0);

ALTER TABLE "throttle_event" DROP CONSTRAINT "throttle_event_reason_known";
ALTER TABLE "throttle_event" ADD CONSTRAINT "throttle_event_reason_known" CHECK ("reason" IN (
    'CONCURRENT_INVOCATION_LIMIT_EXCEEDED', 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
    'FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED', 'ENVIRONMENT_CAPACITY_EXCEEDED', 'BUDGET_SPENT'));
