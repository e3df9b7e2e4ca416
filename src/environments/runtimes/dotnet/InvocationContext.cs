using System;
using System.Collections.Generic;
using System.Globalization;

namespace LambdaQL
{
    /// <summary>What a handler is told of its event. https://docs.aws.amazon.com/lambda/latest/dg/csharp-context.html</summary>
    public sealed class InvocationContext : IInterfaceTarget
    {
        static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        readonly Dictionary<string, object> statics;
        readonly Dictionary<string, object> request;
        readonly Output output;

        internal InvocationContext(Dictionary<string, object> statics, Dictionary<string, object> request, Output output)
        {
            this.statics = statics;
            this.request = request;
            this.output = output;
        }

        /// <summary>The context as an instance of the function's own ILambdaContext.</summary>
        internal object As(Type contextInterface)
        {
            return InterfaceProxy.Of(contextInterface, this);
        }

        object IInterfaceTarget.Call(string method, Type type, object[] arguments)
        {
            switch (method)
            {
                case "get_AwsRequestId":
                    return request["requestId"];
                case "get_FunctionName":
                    return statics["functionName"];
                case "get_FunctionVersion":
                    return statics["functionVersion"];
                case "get_InvokedFunctionArn":
                    return request["invokedFunctionArn"];
                case "get_LogGroupName":
                    return statics["logGroupName"];
                case "get_LogStreamName":
                    return statics["logStreamName"];
                case "get_MemoryLimitInMB":
                    return int.Parse((string)statics["memoryLimitInMB"], CultureInfo.InvariantCulture);
                case "get_RemainingTime":
                    return RemainingTime();
                case "get_Logger":
                    return InterfaceProxy.Of(type, new Logger(output));
                case "get_ClientContext":
                    var text = (string)request["clientContext"];
                    return text == null ? null : InterfaceProxy.Of(type, new JsonObject(JsonReader.Read(Bootstrap.Utf8(text))));
                default:
                    // There is no identity here.
                    return null;
            }
        }

        TimeSpan RemainingTime()
        {
            var left = Epoch.AddMilliseconds(Convert.ToDouble(request["deadlineMs"], CultureInfo.InvariantCulture)) - DateTime.UtcNow;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }

        /// <summary>ILambdaLogger: each call is one event of the log, line breaks and all.</summary>
        sealed class Logger : IInterfaceTarget
        {
            readonly Output output;

            public Logger(Output output)
            {
                this.output = output;
            }

            object IInterfaceTarget.Call(string method, Type type, object[] arguments)
            {
                if (!method.StartsWith("Log", StringComparison.Ordinal)) return null;
                var message = Convert.ToString(arguments[arguments.Length - 1], CultureInfo.InvariantCulture);
                output.Record("info", message);
                return null;
            }
        }

        /// <summary>The client context and its client, whose fields are written with underscores (app_title).</summary>
        sealed class JsonObject : IInterfaceTarget
        {
            readonly Dictionary<string, object> values;

            public JsonObject(object values)
            {
                this.values = values as Dictionary<string, object> ?? new Dictionary<string, object>();
            }

            object IInterfaceTarget.Call(string method, Type type, object[] arguments)
            {
                var name = method == "get_Environment" ? "env" : Underscored(method.Replace("get_", ""));
                object value;
                if (!values.TryGetValue(name, out value) || value == null) return null;
                var isNested = type.IsInterface && !type.IsGenericType && value is Dictionary<string, object>;
                return isNested ? InterfaceProxy.Of(type, new JsonObject(value)) : TypeBinder.Bind(value, type);
            }

            static string Underscored(string property)
            {
                var name = "";
                foreach (var letter in property)
                    name += (char.IsUpper(letter) && name.Length > 0 ? "_" : "") + char.ToLowerInvariant(letter);
                return name;
            }
        }
    }
}
