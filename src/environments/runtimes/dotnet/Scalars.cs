using System;
using System.Globalization;

namespace LambdaQL
{
    /// <summary>Strings, numbers, booleans, enumerations, dates, identifiers: what is not made of other values.</summary>
    static class Scalars
    {
        public static bool IsScalar(Type type)
        {
            return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(DateTime)
                || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid) || type == typeof(Uri);
        }

        public static object Bind(object value, Type type)
        {
            try
            {
                var text = value as string;
                if (type == typeof(string)) return text != null ? text : Refuse(value, type);
                if (type.IsEnum) return text != null ? Enum.Parse(type, text, true) : Enum.ToObject(type, value);
                if (type == typeof(bool)) return value is bool ? value : Refuse(value, type);
                if (text == null) return value is bool ? Refuse(value, type) : Number(value, type);
                return FromText(text, type);
            }
            catch (Exception error)
            {
                if (error is InvalidCastException) throw;
                throw TypeBinder.Misfit(value, type);
            }
        }

        static object FromText(string text, Type type)
        {
            var invariant = CultureInfo.InvariantCulture;
            if (type == typeof(char) && text.Length == 1) return text[0];
            if (type == typeof(DateTime)) return DateTime.Parse(text, invariant, DateTimeStyles.RoundtripKind);
            if (type == typeof(DateTimeOffset)) return DateTimeOffset.Parse(text, invariant);
            if (type == typeof(TimeSpan)) return TimeSpan.Parse(text, invariant);
            if (type == typeof(Guid)) return Guid.Parse(text);
            if (type == typeof(Uri)) return new Uri(text, UriKind.RelativeOrAbsolute);
            return Refuse(text, type);
        }

        /// <summary>No fraction is cut off and nothing overflows.</summary>
        static object Number(object value, Type type)
        {
            var invariant = CultureInfo.InvariantCulture;
            if (type == typeof(double) || type == typeof(float) || type == typeof(decimal)) return Convert.ChangeType(value, type, invariant);
            if (type == typeof(char) || !type.IsPrimitive) return Refuse(value, type);
            var isWhole = value is long || decimal.Truncate(Convert.ToDecimal(value, invariant)) == Convert.ToDecimal(value, invariant);
            return isWhole ? Convert.ChangeType(value, type, invariant) : Refuse(value, type);
        }

        static object Refuse(object value, Type type)
        {
            throw TypeBinder.Misfit(value, type);
        }
    }
}
