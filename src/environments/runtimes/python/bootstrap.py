"""Runs inside the sandbox: loads the handler, takes events on descriptor 3, answers on descriptor 4.

The protocol is described in src/environments/README.md. Standard library only, Python 3.11 and newer.
"""

import importlib
import io
import json
import logging
import os
import site
import struct
import sys
import time
import traceback

REQUESTS = 3
ANSWERS = 4
INIT, INVOKE = 1, 2
READY, INIT_ERROR, RESULT, ERROR, LOG = 17, 18, 19, 20, 21
LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100
LONGEST_RECORD_BYTES = 256 * 1024
NBSP = "\u00a0"
# As on AWS, where this changed with Python 3.12.
ESCAPES_RESULTS = sys.version_info < (3, 12)

current_request_id = ""


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def send(frame_type, header, body=b""):
    head = json.dumps(header).encode()
    write_all(ANSWERS, struct.pack(">IBI", 5 + len(head) + len(body), frame_type, len(head)) + head + body)


def read_exactly(count):
    chunks = []
    while count > 0:
        chunk = os.read(REQUESTS, min(count, 1 << 20))
        if not chunk:
            # The service is gone, and with it everybody who could want an answer.
            os._exit(0)
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)


def receive():
    length, frame_type, head_length = struct.unpack(">IBI", read_exactly(9))
    rest = read_exactly(length - 5)
    return frame_type, json.loads(rest[:head_length]), rest[head_length:]


# --- Log --------------------------------------------------------------------------------------------------------------


def log_record(text):
    data = text.encode("utf-8", "replace")
    begin = 0
    while len(data) - begin > LONGEST_RECORD_BYTES:
        end = begin + LONGEST_RECORD_BYTES
        while data[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        send(LOG, {"source": "STDOUT"}, data[begin:end])
        begin = end
    send(LOG, {"source": "STDOUT"}, data[begin:])


class DirectStream(io.TextIOWrapper):
    """Standard output and error: what is written is out at once, before the process can end."""

    def __init__(self, descriptor):
        super().__init__(open(descriptor, "wb", closefd=False), encoding="utf-8", errors="replace", newline="")

    def write(self, text):
        count = super().write(text)
        self.flush()
        return count


class FrameHandler(logging.Handler):
    """Sends each record as one event, line breaks and all."""

    def emit(self, record):
        try:
            log_record(self.format(record))
        except Exception:
            self.handleError(record)


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = current_request_id
        return True


def configure_logging():
    handler = FrameHandler()
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def flush_streams():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            # The function has closed or replaced it.
            pass


# --- Errors -----------------------------------------------------------------------------------------------------------


class RuntimeFault(Exception):
    """An error that the runtime reports under a name of its own."""

    def __init__(self, error_type, message, stack_trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.stack_trace = list(stack_trace)


def error_object(error, request_id):
    """AWS's error object of an exception, even of one that cannot be shown."""
    try:
        message = str(error)
    except Exception:
        message = ""
    is_fault = isinstance(error, RuntimeFault)
    return {
        "errorMessage": message,
        "errorType": error.error_type if is_fault else type(error).__name__,
        "requestId": request_id,
        "stackTrace": error.stack_trace if is_fault else traceback.format_list(user_frames(error)),
    }


def user_frames(error):
    """The frames from the user's own code on: those of this file, which called it, are left out."""
    frames = traceback.extract_tb(error.__traceback__)
    own = user_frames.__code__.co_filename
    first = next((index for index, frame in enumerate(frames) if frame.filename != own), 0)
    # As plain tuples, as on AWS: newer versions would underline what failed.
    return [(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames[first:]]


def log_error(obj):
    description = f"[ERROR] {obj['errorType']}"
    if obj["errorMessage"]:
        description += f": {obj['errorMessage']}"
    lines = [description, "Traceback (most recent call last):"]
    for entry in obj["stackTrace"]:
        for line in entry.splitlines():
            stripped = line.lstrip(" ")
            lines.append(NBSP * (len(line) - len(stripped)) + stripped)
    log_record("\n".join(lines))


# --- Loading the handler ----------------------------------------------------------------------------------------------


def load_handler(text):
    if "." not in text:
        raise RuntimeFault(
            "Runtime.MalformedHandlerName", f"Bad handler '{text}': not enough values to unpack (expected 2, got 1)"
        )
    module_path, _, name = text.rpartition(".")
    module_name = module_path.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise RuntimeFault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_path} as a handler module"
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_path}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise RuntimeFault(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_path}': {error}", [where]
        ) from None
    try:
        return getattr(module, name)
    except AttributeError:
        raise RuntimeFault(
            "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_path}'"
        ) from None


# --- One event --------------------------------------------------------------------------------------------------------


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Client:
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))


class ClientContext:
    __slots__ = ("custom", "env", "client")

    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = Client(values["client"]) if isinstance(values.get("client"), dict) else None


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, statics, request):
        self.aws_request_id = request["requestId"]
        self.log_group_name = statics["logGroupName"]
        self.log_stream_name = statics["logStreamName"]
        self.function_name = statics["functionName"]
        self.memory_limit_in_mb = statics["memoryLimitInMB"]
        self.function_version = statics["functionVersion"]
        self.invoked_function_arn = request["invokedFunctionArn"]
        self.tenant_id = None
        client_context = request["clientContext"]
        self.client_context = None if client_context is None else ClientContext(json.loads(client_context))
        self.identity = CognitoIdentity()
        self._deadline_ms = request["deadlineMs"]

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, message):
        log_record(str(message))

    def __repr__(self):
        names = [name for name in vars(self) if not name.startswith("_")]
        return f"LambdaContext([{','.join(f'{name}={getattr(self, name)}' for name in names)}])"


def to_json(value):
    """AWS encodes Decimal as a number, and nothing else beyond what json knows."""
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {value.__class__.__name__} is not JSON serializable")


def handle(handler, statics, request, body):
    global current_request_id
    current_request_id = request["requestId"]
    os.environ["_X_AMZN_TRACE_ID"] = request["traceId"]
    try:
        result = handler(json.loads(body), LambdaContext(statics, request))
    except Exception as error:
        obj = error_object(error, request["requestId"])
        log_error(obj)
        send_error(request, "HANDLER_ERROR", obj)
        return
    try:
        # NaN and infinity are refused: they are no JSON, though AWS lets them pass.
        data = json.dumps(result, default=to_json, ensure_ascii=ESCAPES_RESULTS, allow_nan=False).encode("utf-8")
    except Exception as error:
        fault = RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}")
        obj = error_object(fault, request["requestId"])
        log_error(obj)
        send_error(request, "UNSERIALISABLE_RESULT", obj)
        return
    if len(data) > LARGEST_RESULT_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESULT_BYTES} bytes)."
        send_error(
            request, "RESPONSE_TOO_LARGE", {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        )
        return
    flush_streams()
    send(RESULT, {"requestId": request["requestId"]}, data)


def send_error(request, failure, obj):
    flush_streams()
    header = {"requestId": request["requestId"], "failure": failure, "isLast": False}
    send(ERROR, header, json.dumps(obj).encode())


# --- Life -------------------------------------------------------------------------------------------------------------


def init(header):
    os.environ.update(header["environment"])
    time.tzset()
    os.chdir(header["taskRoot"])
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]
    sys.path[0:1] = [header["taskRoot"], *layer_paths(header["layersRoot"]), *paths]
    try:
        handler = load_handler(header["handler"] or os.environ.get("_HANDLER", ""))
    except SystemExit as end:
        exit_with(end.code)
    except BaseException as error:
        obj = error_object(error, "")
        log_error(obj)
        flush_streams()
        send(INIT_ERROR, {}, json.dumps(obj).encode())
        os._exit(1)
    flush_streams()
    send(READY, {})
    return handler


def layer_paths(root):
    """https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html"""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [f"{root}/python/lib/{version}/site-packages", f"{root}/python"]


def exit_with(code):
    """Ends the process as sys.exit would, whatever threads are running."""
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    flush_streams()
    os._exit((code or 0) & 0xFF)


def add_site():
    """What Python adds at its start: `exit` and its like, and the machine's packages, but no code of theirs is run."""
    site.setquit()
    site.setcopyright()
    site.sethelper()
    sys.path.extend(path for path in site.getsitepackages() if os.path.isdir(path))


def main():
    global current_request_id
    add_site()
    sys.stdout = DirectStream(1)
    sys.stderr = DirectStream(2)
    configure_logging()
    handler = statics = None
    while True:
        frame_type, header, body = receive()
        if frame_type == INIT:
            statics = header["statics"]
            handler = init(header)
        elif frame_type == INVOKE:
            try:
                handle(handler, statics, header, body)
            except SystemExit as end:
                exit_with(end.code)
            current_request_id = ""


main()
