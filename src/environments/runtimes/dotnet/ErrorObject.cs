using System;
using System.Collections.Generic;
using System.Text;

namespace LambdaQL
{
    /// <summary>A fault of the handler's name, place or shape, in the words of AWS's runtime.</summary>
    sealed class LambdaValidationException : Exception
    {
        public LambdaValidationException(string message) : base(message) { }

        public LambdaValidationException(string message, Exception cause) : base(message, cause) { }
    }

    /// <summary>The handler's result could not be written as JSON. It is shown as what was wrong.</summary>
    sealed class ResultFault : Exception
    {
        public ResultFault(Exception cause) : base(cause.Message, cause) { }
    }

    /// <summary>AWS's error object of an exception: class name, message, the frames down to the user's own code, the causes.</summary>
    static class ErrorObject
    {
        const string OwnPrefix = "LambdaQL.";
        const int Deepest = 32;

        public static byte[] Json(string type, string message)
        {
            return JsonWriter.Write(new Dictionary<string, object> { { "errorType", type }, { "errorMessage", message } });
        }

        public static byte[] Json(Exception error)
        {
            return JsonWriter.Write(Of(Shown(error), 0));
        }

        static Dictionary<string, object> Of(Exception error, int depth)
        {
            var result = new Dictionary<string, object> { { "errorType", error.GetType().Name }, { "errorMessage", MessageOf(error) } };
            var stack = StackOf(error);
            if (stack.Count > 0) result["stackTrace"] = stack;
            if (depth == Deepest) return result;
            var several = error as AggregateException;
            if (several != null)
            {
                var causes = new List<object>();
                foreach (var cause in several.InnerExceptions) causes.Add(Of(cause, depth + 1));
                result["causes"] = causes;
            }
            else if (error.InnerException != null) result["cause"] = Of(error.InnerException, depth + 1);
            return result;
        }

        /// <summary>Message, type and trace as one record, the causes below.</summary>
        public static string LogText(Exception error)
        {
            var text = new StringBuilder();
            var depth = 0;
            for (var each = Shown(error); each != null && depth <= Deepest; each = each.InnerException)
            {
                if (depth++ > 0) text.Append("\n ---> ");
                text.Append(each.GetType().FullName.Replace(OwnPrefix, "")).Append(": ").Append(MessageOf(each));
                foreach (var frame in StackOf(each)) text.Append("\n   ").Append(frame);
            }
            return text.ToString();
        }

        static Exception Shown(Exception error)
        {
            return error is ResultFault ? error.InnerException : error;
        }

        /// <summary>Even of one that cannot be shown.</summary>
        static string MessageOf(Exception error)
        {
            try
            {
                return error.Message;
            }
            catch (Exception)
            {
                return error.GetType().Name;
            }
        }

        static List<object> StackOf(Exception error)
        {
            var frames = new List<object>();
            string trace;
            try
            {
                trace = error.StackTrace;
            }
            catch (Exception)
            {
                return frames;
            }
            foreach (var line in (trace ?? "").Split('\n'))
            {
                var frame = line.Trim();
                // From here on down it is the bootstrap that calls.
                if (frame.StartsWith("at " + OwnPrefix, StringComparison.Ordinal)) break;
                if (frame.Length > 0 && !IsReflection(frame)) frames.Add(frame);
            }
            return frames;
        }

        static bool IsReflection(string frame)
        {
            return frame.Contains("System.Reflection.") || frame.StartsWith("at (wrapper ", StringComparison.Ordinal)
                || frame.StartsWith("---", StringComparison.Ordinal) || frame.Contains("System.RuntimeMethodHandle.")
                || frame.StartsWith("at InvokeStub_", StringComparison.Ordinal);
        }
    }
}
