-- AlterTable
ALTER TABLE "function_version" ADD COLUMN     "dead_letter_target_arn" TEXT;

-- CreateTable
CREATE TABLE "event_invoke_config" (
    "function_id" UUID NOT NULL,
    "qualifier" TEXT NOT NULL,
    "maximum_retry_attempts" INTEGER,
    "maximum_event_age_seconds" INTEGER,
    "on_success" TEXT,
    "on_failure" TEXT,
    "last_modified" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_invoke_config_pkey" PRIMARY KEY ("function_id","qualifier")
);

-- AddForeignKey
ALTER TABLE "event_invoke_config" ADD CONSTRAINT "event_invoke_config_function_id_fkey" FOREIGN KEY ("function_id") REFERENCES "function"("id") ON DELETE CASCADE ON UPDATE CASCADE;
