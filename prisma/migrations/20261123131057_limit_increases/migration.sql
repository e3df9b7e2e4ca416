-- CreateEnum
CREATE TYPE "limit_increase_status" AS ENUM ('PENDING', 'APPROVED', 'DECLINED', 'CANCELLED');

-- AlterEnum
ALTER TYPE "access_token_role" ADD VALUE 'OPERATOR';

-- CreateTable
CREATE TABLE "limit_increase_case" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "status" "limit_increase_status" NOT NULL DEFAULT 'PENDING',
    "desired_value" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "value_before" INTEGER NOT NULL,
    "approved_value" INTEGER,
    "note" TEXT,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "limit_increase_case_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "limit_increase_case_account_id_id_idx" ON "limit_increase_case"("account_id", "id");

-- AddForeignKey
ALTER TABLE "limit_increase_case" ADD CONSTRAINT "limit_increase_case_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One open case of an account in a region: two operators cannot grant two increases of the same limit.
CREATE UNIQUE INDEX "limit_increase_case_pending_key" ON "limit_increase_case" ("account_id", "region")
    WHERE "status" = 'PENDING';
ALTER TABLE "limit_increase_case"
    ADD CONSTRAINT "limit_increase_case_closed_has_a_time" CHECK (("closed_at" IS NULL) = ("status" = 'PENDING')),
    ADD CONSTRAINT "limit_increase_case_approved_has_a_value" CHECK (("approved_value" IS NOT NULL) = ("status" = 'APPROVED'));
