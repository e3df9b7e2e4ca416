using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace LambdaQL
{
    /// <summary>
    /// Makes of what JsonReader read what a handler takes: dictionaries, lists, arrays, objects with settable properties or a
    /// constructor whose parameters have their names, scalars.
    /// </summary>
    static class TypeBinder
    {
        /// <summary>Throws an InvalidCastException where the value does not fit.</summary>
        public static object Bind(object value, Type type)
        {
            var optional = Nullable.GetUnderlyingType(type);
            if (value == null)
            {
                if (type.IsValueType && optional == null) throw Misfit(value, type);
                return null;
            }
            if (optional != null) return Bind(value, optional);
            if (type == typeof(object)) return value;
            if (Scalars.IsScalar(type)) return Scalars.Bind(value, type);
            if (type == typeof(byte[]) && value is string) return Convert.FromBase64String((string)value);
            var list = value as List<object>;
            if (list != null) return List(list, type);
            var values = value as Dictionary<string, object>;
            if (values == null || (!IsDictionary(type) && typeof(IEnumerable).IsAssignableFrom(type))) throw Misfit(value, type);
            return IsDictionary(type) ? Dictionary(values, type) : Object(values, type);
        }

        static bool IsDictionary(Type type)
        {
            if (typeof(IDictionary).IsAssignableFrom(type)) return true;
            if (!type.IsGenericType) return false;
            var definition = type.GetGenericTypeDefinition();
            return definition == typeof(IDictionary<,>) || definition == typeof(IReadOnlyDictionary<,>);
        }

        static object Dictionary(Dictionary<string, object> values, Type type)
        {
            var types = type.IsGenericType ? type.GetGenericArguments() : new[] { typeof(string), typeof(object) };
            var made = type.IsInterface ? typeof(Dictionary<,>).MakeGenericType(types) : type;
            var result = (IDictionary)Activator.CreateInstance(made);
            foreach (var entry in values) result[Bind(entry.Key, types[0])] = Bind(entry.Value, types[1]);
            return result;
        }

        static object List(List<object> values, Type type)
        {
            var element = ElementOf(type);
            if (element == null) throw Misfit(values, type);
            var array = Array.CreateInstance(element, values.Count);
            for (var index = 0; index < values.Count; index++) array.SetValue(Bind(values[index], element), index);
            if (type.IsArray) return array;
            var list = typeof(List<>).MakeGenericType(element);
            var made = type.IsAssignableFrom(list) ? list : type;
            var constructor = made.GetConstructor(new[] { typeof(IEnumerable<>).MakeGenericType(element) });
            if (constructor != null) return constructor.Invoke(new object[] { array });
            // Sets are asked for by an interface, too.
            var set = typeof(HashSet<>).MakeGenericType(element);
            if (!type.IsAssignableFrom(set)) throw Misfit(values, type);
            return Activator.CreateInstance(set, array);
        }

        static Type ElementOf(Type type)
        {
            if (type.IsArray) return type.GetElementType();
            if (type == typeof(IEnumerable) || type == typeof(IList) || type == typeof(ICollection)) return typeof(object);
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>)) return type.GetGenericArguments()[0];
            foreach (var contract in type.GetInterfaces())
            {
                if (contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                    return contract.GetGenericArguments()[0];
            }
            return null;
        }

        /// <summary>What it has no property for is left out, as on AWS; names are the same whatever their case.</summary>
        static object Object(Dictionary<string, object> values, Type type)
        {
            var named = new Dictionary<string, object>(values, StringComparer.OrdinalIgnoreCase);
            var result = Construct(named, type);
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                object value;
                if (property.GetSetMethod() == null || property.GetIndexParameters().Length > 0) continue;
                if (named.TryGetValue(property.Name, out value)) property.SetValue(result, Fitting(value, property.PropertyType, property.Name), null);
            }
            return result;
        }

        static object Construct(Dictionary<string, object> named, Type type)
        {
            if (type.IsAbstract) throw new InvalidCastException("An instance of the abstract type '" + type.FullName + "' cannot be made.");
            if (type.IsValueType || type.GetConstructor(Type.EmptyTypes) != null) return Activator.CreateInstance(type);
            var constructors = type.GetConstructors();
            if (constructors.Length == 0) throw new InvalidCastException("The type '" + type.FullName + "' has no public constructor.");
            Array.Sort(constructors, (one, other) => other.GetParameters().Length - one.GetParameters().Length);
            var arguments = Array.ConvertAll(constructors[0].GetParameters(), (parameter) =>
            {
                object value;
                if (named.TryGetValue(parameter.Name, out value)) return Fitting(value, parameter.ParameterType, parameter.Name);
                return parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null;
            });
            try
            {
                return constructors[0].Invoke(arguments);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Capture(error.InnerException).Throw();
                throw;
            }
        }

        static object Fitting(object value, Type type, string name)
        {
            try
            {
                return Bind(value, type);
            }
            catch (InvalidCastException error)
            {
                throw new InvalidCastException(error.Message + " At: " + name + ".", error);
            }
        }

        public static InvalidCastException Misfit(object value, Type type)
        {
            return new InvalidCastException("The JSON value could not be converted to " + type.FullName + ".");
        }
    }
}
