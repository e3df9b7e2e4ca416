# Becomes the wrapper that AWS_LAMBDA_EXEC_WRAPPER names, which is to start the runtime: its command is the arguments.
#
# Descriptor 3 brings, on its first line, the function's variables as assignments (the service has quoted them; $newline
# stands for line breaks): a shell reads a line byte by byte, and leaves what comes behind it to the runtime.
# A service that has died meanwhile starts nothing.
IFS= read -r variables <&3 || exit
newline='
'
eval "$variables"
unset variables newline
exec "$AWS_LAMBDA_EXEC_WRAPPER" "$@"
