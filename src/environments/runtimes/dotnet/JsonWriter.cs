using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text;

namespace LambdaQL
{
    /// <summary>
    /// Writes a result as AWS's serialiser does: public properties under their own names, without those that are null;
    /// enumerations as numbers, dates in ISO 8601, bytes in base64.
    /// </summary>
    sealed class JsonWriter
    {
        const int Deepest = 64;

        readonly StringBuilder json = new StringBuilder();
        int depth;

        /// <summary>Throws an InvalidOperationException for what is no JSON, and what a property throws.</summary>
        public static byte[] Write(object value)
        {
            var writer = new JsonWriter();
            writer.Value(value);
            return Bootstrap.Utf8(writer.json.ToString());
        }

        void Value(object value)
        {
            if (value == null) json.Append("null");
            else if (value is bool) json.Append((bool)value ? "true" : "false");
            else if (value is Enum) json.Append(((Enum)value).ToString("d"));
            else if (value is double || value is float) Number(Convert.ToDouble(value, CultureInfo.InvariantCulture), (IFormattable)value);
            else if (IsNumber(value)) json.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            else if (value is byte[]) String(Convert.ToBase64String((byte[])value));
            else if (value is DateTime) String(((DateTime)value).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture));
            else if (value is DateTimeOffset) String(((DateTimeOffset)value).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture));
            else if (value is string || value is char || value is Guid || value is Uri || value is TimeSpan || value is Version)
                String(value.ToString());
            else Nested(value);
        }

        static bool IsNumber(object value)
        {
            return value is int || value is long || value is decimal || value is short || value is byte || value is sbyte
                || value is ushort || value is uint || value is ulong;
        }

        void Number(double value, IFormattable shown)
        {
            if (double.IsNaN(value) || double.IsInfinity(value))
                throw new InvalidOperationException(".NET number values such as positive and negative infinity cannot be written as valid JSON.");
            json.Append(shown.ToString("R", CultureInfo.InvariantCulture));
        }

        void Nested(object value)
        {
            if (++depth > Deepest)
                throw new InvalidOperationException("A possible object cycle was detected, or the depth is larger than " + Deepest + ".");
            var dictionary = value as IDictionary;
            var list = value as IEnumerable;
            if (dictionary != null) Dictionary(dictionary);
            else if (list != null) List(list);
            else if (value is Delegate || value is Type || value is IntPtr || value is Pointer)
                throw new InvalidOperationException("Serialization of '" + value.GetType().FullName + "' instances is not supported.");
            else Object(value);
            depth--;
        }

        void Dictionary(IDictionary dictionary)
        {
            var separator = '{';
            foreach (DictionaryEntry entry in dictionary)
            {
                json.Append(separator);
                String(Convert.ToString(entry.Key, CultureInfo.InvariantCulture));
                json.Append(':');
                Value(entry.Value);
                separator = ',';
            }
            json.Append(separator == '{' ? "{}" : "}");
        }

        void List(IEnumerable list)
        {
            var separator = '[';
            foreach (var value in list)
            {
                json.Append(separator);
                Value(value);
                separator = ',';
            }
            json.Append(separator == '[' ? "[]" : "]");
        }

        void Object(object value)
        {
            var separator = '{';
            foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                if (!property.CanRead || property.GetGetMethod() == null || property.GetIndexParameters().Length > 0) continue;
                var content = Read(property, value);
                if (content == null) continue;
                json.Append(separator);
                String(property.Name);
                json.Append(':');
                Value(content);
                separator = ',';
            }
            json.Append(separator == '{' ? "{}" : "}");
        }

        static object Read(PropertyInfo property, object value)
        {
            try
            {
                return property.GetValue(value, null);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Capture(error.InnerException).Throw();
                throw;
            }
        }

        void String(string text)
        {
            json.Append('"');
            for (var index = 0; index < text.Length; index++)
            {
                var letter = text[index];
                if (letter == '"' || letter == '\\') json.Append('\\').Append(letter);
                else if (letter >= ' ' && !IsLonely(text, index)) json.Append(letter);
                else if (letter == '\n') json.Append("\\n");
                else if (letter == '\r') json.Append("\\r");
                else if (letter == '\t') json.Append("\\t");
                else json.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            }
            json.Append('"');
        }

        /// <summary>Half of a surrogate pair cannot be written in UTF-8.</summary>
        static bool IsLonely(string text, int index)
        {
            if (char.IsHighSurrogate(text[index])) return index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]);
            return char.IsLowSurrogate(text[index]) && (index == 0 || !char.IsHighSurrogate(text[index - 1]));
        }
    }
}
