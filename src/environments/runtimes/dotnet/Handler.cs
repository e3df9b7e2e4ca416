using System;
using System.IO;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Threading.Tasks;

namespace LambdaQL
{
    /// <summary>A handler that has been loaded: JSON in, JSON out. Throws what the user's code throws.</summary>
    sealed class Handler
    {
        readonly MethodInfo method;
        readonly object instance;
        readonly UserSerializer serializer;

        /// <summary>A `serializer` of null is a function that names none.</summary>
        public Handler(MethodInfo method, object instance, UserSerializer serializer)
        {
            this.method = method;
            this.instance = instance;
            this.serializer = serializer;
        }

        public byte[] Handle(byte[] body, InvocationContext context)
        {
            var parameters = method.GetParameters();
            var arguments = new object[parameters.Length];
            for (var index = 0; index < parameters.Length; index++)
            {
                var type = parameters[index].ParameterType;
                if (type.FullName == HandlerLoader.ContextName) arguments[index] = context.As(type);
                else arguments[index] = Input(body, type);
            }
            object result;
            try
            {
                result = method.Invoke(instance, arguments);
            }
            catch (TargetInvocationException error)
            {
                // As it was thrown, with the frames of then.
                ExceptionDispatchInfo.Capture(error.InnerException).Throw();
                throw;
            }
            return Written(Awaited(result));
        }

        object Input(byte[] body, Type type)
        {
            if (type == typeof(Stream) || type == typeof(MemoryStream)) return new MemoryStream(body);
            return serializer != null ? serializer.Deserialize(body, type) : TypeBinder.Bind(JsonReader.Read(body), type);
        }

        /// <summary>Waits for a task. One without a result has none.</summary>
        static object Awaited(object result)
        {
            var asTask = result == null || !result.GetType().FullName.StartsWith("System.Threading.Tasks.ValueTask", StringComparison.Ordinal)
                ? null
                : result.GetType().GetMethod("AsTask");
            var task = (asTask != null ? asTask.Invoke(result, null) : result) as Task;
            if (task == null) return result;
            task.GetAwaiter().GetResult();
            for (var type = task.GetType(); type != null; type = type.BaseType)
            {
                if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Task<>)) continue;
                // What an async method without a result gives.
                if (type.GetGenericArguments()[0].Name == "VoidTaskResult") return null;
                return type.GetProperty("Result").GetValue(task, null);
            }
            return null;
        }

        byte[] Written(object result)
        {
            var stream = result as Stream;
            if (stream != null) return Json(stream);
            try
            {
                return serializer != null && result != null ? serializer.Serialize(result) : JsonWriter.Write(result);
            }
            catch (Exception error)
            {
                throw new ResultFault(error);
            }
        }

        /// <summary>The service takes JSON only; what is none is a string, as over the Runtime API.</summary>
        static byte[] Json(Stream stream)
        {
            var copy = new MemoryStream();
            if (stream.CanSeek) stream.Position = 0;
            stream.CopyTo(copy);
            var bytes = copy.ToArray();
            if (bytes.Length == 0) return Bootstrap.Utf8("null");
            try
            {
                JsonReader.Read(bytes);
                return bytes;
            }
            catch (FormatException)
            {
                return JsonWriter.Write(Encoding.UTF8.GetString(bytes));
            }
        }
    }
}
