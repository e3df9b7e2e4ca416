-- AlterTable
ALTER TABLE "function" ADD COLUMN     "reserved_concurrency" INTEGER;

-- What is reserved is a number of executions; 0 turns the function off.
ALTER TABLE "function" ADD CONSTRAINT "function_reserved_concurrency_check" CHECK ("reserved_concurrency" >= 0);

-- What an account has reserved in a region is added up at every change of a limit.
CREATE INDEX "function_reserved_idx" ON "function" ("account_id", "region") WHERE "reserved_concurrency" IS NOT NULL;
