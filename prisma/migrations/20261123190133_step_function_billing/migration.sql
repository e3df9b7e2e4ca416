-- AlterTable
ALTER TABLE "execution" ADD COLUMN     "billed_transitions" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "ledger_entry" ADD COLUMN     "execution_id" UUID,
ADD COLUMN     "redrive" INTEGER,
ADD COLUMN     "state_machine_name" TEXT,
ADD COLUMN     "transitions" INTEGER;

-- AlterTable
ALTER TABLE "monthly_usage" ADD COLUMN     "transitions" BIGINT NOT NULL DEFAULT 0;

-- By hand: what Prisma cannot say.

-- What is charged for an execution is charged once for each time that it ends.
CREATE UNIQUE INDEX "ledger_entry_execution_key" ON "ledger_entry" ("execution_id", "redrive")
    WHERE "execution_id" IS NOT NULL;

-- The parts of an entry go together, by its type.
ALTER TABLE "ledger_entry" DROP CONSTRAINT "ledger_entry_type_known";
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_type_known" CHECK (CASE "type"
    WHEN 'INVOCATION' THEN num_nulls("function_id", "function_name", "version_number", "invocation_id", "attempt") = 0
        AND num_nonnulls("provisioned_period_id", "budget_id", "execution_id") = 0 AND "memory_mib" > 0
    WHEN 'PROVISIONED_CONCURRENCY' THEN num_nulls("function_id", "function_name", "version_number",
        "provisioned_period_id", "slice") = 0 AND num_nonnulls("invocation_id", "budget_id", "execution_id") = 0
    WHEN 'BUDGET_ALERT' THEN num_nulls("budget_id", "budget_month", "budget_percentage", "note") = 0
        AND num_nonnulls("invocation_id", "provisioned_period_id", "execution_id") = 0
        AND "request_price_nano_usd" = 0 AND "duration_price_nano_usd" = 0
    WHEN 'STATE_TRANSITIONS' THEN num_nulls("execution_id", "redrive", "state_machine_name", "transitions") = 0
        AND num_nonnulls("invocation_id", "provisioned_period_id", "budget_id") = 0 AND "duration_price_nano_usd" = 0
    WHEN 'EXPRESS_EXECUTION' THEN num_nulls("execution_id", "redrive", "state_machine_name") = 0
        AND num_nonnulls("invocation_id", "provisioned_period_id", "budget_id", "transitions") = 0
    ELSE false END);
