-- AlterTable
ALTER TABLE "throttle_event" ADD COLUMN     "execution_name" TEXT,
ADD COLUMN     "state_machine_id" UUID,
ADD COLUMN     "state_machine_name" TEXT,
ALTER COLUMN "function_id" DROP NOT NULL,
ALTER COLUMN "function_name" DROP NOT NULL,
ALTER COLUMN "version_number" DROP NOT NULL,
ALTER COLUMN "invocation_id" DROP NOT NULL,
ALTER COLUMN "invocation_type" DROP NOT NULL;

-- By hand: what Prisma cannot say.

-- An event names an invocation or the start of an execution, with all that belongs to it and nothing of the other.
ALTER TABLE "throttle_event" ADD CONSTRAINT "throttle_event_names_what_was_refused" CHECK (
    CASE WHEN "state_machine_id" IS NULL
        THEN num_nulls("function_id", "function_name", "version_number", "invocation_id", "invocation_type") = 0
            AND num_nonnulls("state_machine_name", "execution_name") = 0
        ELSE "state_machine_name" IS NOT NULL
            AND num_nonnulls("function_id", "function_name", "invocation_id", "invocation_type") = 0
    END);

ALTER TABLE "throttle_event" DROP CONSTRAINT "throttle_event_reason_known";
ALTER TABLE "throttle_event" ADD CONSTRAINT "throttle_event_reason_known" CHECK ("reason" IN (
    'CONCURRENT_INVOCATION_LIMIT_EXCEEDED', 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
    'FUNCTION_INVOCATION_RATE_LIMIT_EXCEEDED', 'ENVIRONMENT_CAPACITY_EXCEEDED', 'BUDGET_SPENT',
    'EXECUTION_START_RATE_EXCEEDED', 'OPEN_EXECUTION_LIMIT_EXCEEDED'));
