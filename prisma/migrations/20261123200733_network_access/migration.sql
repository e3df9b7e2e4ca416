-- AlterTable
ALTER TABLE "function_version" ADD COLUMN     "network_access" TEXT NOT NULL DEFAULT 'INTERNET';

ALTER TABLE "function_version"
    ADD CONSTRAINT "function_version_network_access_known" CHECK ("network_access" IN ('INTERNET', 'NONE'));
