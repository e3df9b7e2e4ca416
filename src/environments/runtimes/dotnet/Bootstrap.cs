using System;
using System.Collections.Generic;
using System.Text;

namespace LambdaQL
{
    /// <summary>
    /// Runs inside the sandbox: loads the handler, takes events on descriptor 3, answers on descriptor 4. The protocol is
    /// described in src/environments/README.md. Written for what both .NET 8 and Mono's C# compiler know.
    /// </summary>
    public sealed class Bootstrap
    {
        const int Init = 1;
        const int Invoke = 2;
        const int LargestResultBytes = 6 * 1024 * 1024 + 100;

        readonly Frames frames;
        readonly Output output;
        Dictionary<string, object> statics;
        Handler handler;

        Bootstrap(Frames frames, Output output)
        {
            this.frames = frames;
            this.output = output;
        }

        public static int Main()
        {
            var frames = new Frames(3, 4);
            var output = new Output(frames);
            output.RedirectConsole();
            return new Bootstrap(frames, output).Serve();
        }

        int Serve()
        {
            while (true)
            {
                var frame = frames.Receive();
                // The service is gone, and with it everybody who could want an answer.
                if (frame == null) return 0;
                if (frame.Type == Init)
                {
                    if (!Load(frame.Header)) return 1;
                }
                else if (frame.Type == Invoke) Handle(frame.Header, frame.Body);
            }
        }

        bool Load(Dictionary<string, object> header)
        {
            statics = (Dictionary<string, object>)header["statics"];
            foreach (var variable in (Dictionary<string, object>)header["environment"])
                Variables.Put(variable.Key, (string)variable.Value);
            try
            {
                handler = HandlerLoader.Load((string)header["handler"] ?? Environment.GetEnvironmentVariable("_HANDLER"), (string)header["taskRoot"], output);
            }
            catch (Exception error)
            {
                output.Record("fail", ErrorObject.LogText(error));
                output.Flush();
                frames.Send(Frames.InitError, new Dictionary<string, object>(), ErrorObject.Json(error));
                return false;
            }
            output.Flush();
            frames.Send(Frames.Ready, new Dictionary<string, object>(), new byte[0]);
            return true;
        }

        void Handle(Dictionary<string, object> request, byte[] body)
        {
            var requestId = (string)request["requestId"];
            output.RequestId = requestId;
            Variables.Put("_X_AMZN_TRACE_ID", (string)request["traceId"]);
            byte[] result;
            try
            {
                result = handler.Handle(body, new InvocationContext(statics, request, output));
            }
            catch (Exception error)
            {
                output.Record("fail", ErrorObject.LogText(error));
                SendError(request, error is ResultFault ? "UNSERIALISABLE_RESULT" : "HANDLER_ERROR", ErrorObject.Json(error));
                return;
            }
            if (result.Length > LargestResultBytes)
            {
                var message = "Response payload size exceeded maximum allowed payload size (" + LargestResultBytes + " bytes).";
                SendError(request, "RESPONSE_TOO_LARGE", ErrorObject.Json("Function.ResponseSizeTooLarge", message));
                return;
            }
            output.Flush();
            output.RequestId = null;
            frames.Send(Frames.Result, new Dictionary<string, object> { { "requestId", requestId } }, result);
        }

        void SendError(Dictionary<string, object> request, string failure, byte[] error)
        {
            output.Flush();
            output.RequestId = null;
            var header = new Dictionary<string, object>
            {
                { "requestId", request["requestId"] },
                { "failure", failure },
                { "isLast", false },
            };
            frames.Send(Frames.Error, header, error);
        }

        internal static byte[] Utf8(string text)
        {
            return new UTF8Encoding(false).GetBytes(text);
        }
    }
}
