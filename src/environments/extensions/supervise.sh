# Starts extensions and the runtime beside them, and tells the service which of them has ended, and how. Its arguments are
# the number of extensions, their paths, and the runtime's command.
#
# Standard input brings, on its first line, the variables of extensions as assignments (the service has quoted them; $newline
# stands for line breaks), and then orders, one a line: the name of a signal for the runtime. Descriptor 9 takes reports:
# `EXTENSION <index> <status>` and `RUNTIME <status>`. Neither is open in what it starts; descriptors 3 and 4 are the
# runtime's alone. Extensions print to descriptor 7.
exec 5<&0 </dev/null
# A service that has died meanwhile starts nothing.
IFS= read -r variables <&5 || exit
newline='
'
count=$1
shift
index=0
while [ "$index" -lt "$count" ]; do
  (
    exec 3<&- 4>&- 5<&- >&7 2>&7 7>&-
    (
      exec 9>&-
      unset AWS_EXECUTION_ENV AWS_XRAY_CONTEXT_MISSING LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT OLDPWD
      eval "$variables"
      unset variables newline count index
      cd /
      exec "$1"
    )
    echo "EXTENSION $index $?" >&9
  ) &
  shift
  index=$((index + 1))
done
unset variables newline
(
  exec 5<&- 7>&- 9>&-
  unset count index
  exec "$@"
) &
runtime=$!
# What the shell itself says of signals is nobody's log, and its ends of the outputs must not outlive the others'.
exec 3<&- 4>&- 7>&- >/dev/null 2>&1
while IFS= read -r signal; do kill -s "$signal" "$runtime"; done <&5 &
exec 5<&-
wait "$runtime"
status=$?
echo "RUNTIME $status" >&9
wait
exit "$status"
