# Becomes the bootstrap of a custom runtime. It is called with the folders that may hold one, in order.
#
# Descriptor 3 carries the user's variables, as assignments that the service has quoted: they are on no command line, and
# the process has no privileges left that they could bend. Descriptor 4 says, on one line, why there is no bootstrap.
# Neither is open in the bootstrap.
unset OLDPWD
variables=$(cat <&3)
# A service that has died meanwhile has written none; there are always some.
[ -n "$variables" ] || exit
exec 3<&-
denied=
for folder; do
  if [ -f "$folder/bootstrap" ] && [ -x "$folder/bootstrap" ]; then
    exec 4>&-
    set -- "$folder/bootstrap"
    eval "unset variables folder denied
$variables"
    exec "$1"
  fi
  [ ! -f "$folder/bootstrap" ] || denied=${denied:-$folder/bootstrap}
done
if [ -n "$denied" ]; then echo "DENIED $denied" >&4; else echo MISSING >&4; fi
exit 1
