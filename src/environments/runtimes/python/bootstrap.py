"""Runs inside the sandbox: loads the handler, takes events on descriptor 3, answers on descriptor 4.

The protocol is described in src/environments/README.md. Standard library only, Python 3.11 and newer.
"""

import importlib
import json
import logging
import os
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
    for begin in range(0, max(len(data), 1), LONGEST_RECORD_BYTES):
        send(LOG, {"source": "STDOUT"}, data[begin : begin + LONGEST_RECORD_BYTES])


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


def write_marks(mark):
    marks = []
    for stream, descriptor in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except Exception:
            pass
        try:
            write_all(descriptor, (mark + "\n").encode())
            marks.append(descriptor)
        except OSError:
            pass
    return marks


# --- Errors -----------------------------------------------------------------------------------------------------------


class RuntimeFault(Exception):
    """An error that the runtime reports under a name of its own."""

    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


def error_object(error, request_id, frames):
    error_type = error.error_type if isinstance(error, RuntimeFault) else type(error).__name__
    return {
        "errorMessage": str(error),
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def log_error(obj):
    lines = [f"[ERROR] {obj['errorType']}: {obj['errorMessage']}"]
    if obj["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in obj["stackTrace"]:
            for line in entry.rstrip("\n").split("\n"):
                stripped = line.lstrip(" ")
                lines.append(NBSP * (len(line) - len(stripped)) + stripped)
    log_record("\n".join(lines))


def user_frames(error):
    """The frames of the user's own code: those behind this file's."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]


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
            "Runtime.ImportModuleError", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise RuntimeFault("Runtime.ImportModuleError", f"Unable to import module '{module_path}': {error}") from None
    except SyntaxError as error:
        fault = RuntimeFault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_path}': {error}")
        fault.frames = [traceback.FrameSummary(error.filename or "", error.lineno or 0, "", line=error.text or "")]
        raise fault from None
    handler = getattr(module, name, None)
    if handler is None:
        raise RuntimeFault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_path}'")
    if not callable(handler):
        raise RuntimeFault("Runtime.HandlerNotFound", f"Handler '{name}' on module '{module_path}' is not callable")
    return handler


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
        obj = error_object(error, request["requestId"], user_frames(error))
        log_error(obj)
        send_error(request, "HANDLER_ERROR", obj)
        return
    try:
        data = json.dumps(result, default=to_json, ensure_ascii=False).encode("utf-8")
    except Exception as error:
        fault = RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {error}")
        obj = error_object(fault, request["requestId"], [])
        log_error(obj)
        send_error(request, "UNSERIALISABLE_RESULT", obj)
        return
    if len(data) > LARGEST_RESULT_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESULT_BYTES} bytes)."
        send_error(
            request, "RESPONSE_TOO_LARGE", {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        )
        return
    send(RESULT, {"marks": write_marks(request["mark"])}, data)


def send_error(request, failure, obj):
    send(ERROR, {"marks": write_marks(request["mark"]), "failure": failure}, json.dumps(obj).encode())


# --- Life -------------------------------------------------------------------------------------------------------------


def init(header):
    os.environ.update(header["environment"])
    os.chdir(header["taskRoot"])
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]
    sys.path[0:1] = [header["taskRoot"], "/opt/python", *paths]
    try:
        return load_handler(header["handler"])
    except SystemExit as end:
        exit_with(end.code)
    except BaseException as error:
        frames = getattr(error, "frames", None) or user_frames(error)
        obj = error_object(error, "", [] if isinstance(error, RuntimeFault) and not hasattr(error, "frames") else frames)
        log_error(obj)
        send(INIT_ERROR, {}, json.dumps(obj).encode())
        os._exit(1)


def exit_with(code):
    """Ends the process as sys.exit would, whatever threads are running."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    if code is None:
        os._exit(0)
    if isinstance(code, int):
        os._exit(code & 0xFF)
    print(code, file=sys.stderr, flush=True)
    os._exit(1)


def main():
    global current_request_id
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    configure_logging()
    handler = statics = None
    while True:
        frame_type, header, body = receive()
        if frame_type == INIT:
            statics = header["statics"]
            handler = init(header)
            send(READY, {})
        elif frame_type == INVOKE:
            try:
                handle(handler, statics, header, body)
            except SystemExit as end:
                exit_with(end.code)
            current_request_id = ""


main()
