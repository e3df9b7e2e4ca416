#!/usr/bin/env bash
# A function in Bash: a custom runtime is any program that speaks the Runtime API.
set -euo pipefail
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  id=$(sed -n 's/^lambda-runtime-aws-request-id: //Ip' "$headers" | tr -d '\r')
  rm "$headers"
  echo "notified about $event"
  curl -sS -o /dev/null -d '{"notified":true}' "$api/$id/response"
done
