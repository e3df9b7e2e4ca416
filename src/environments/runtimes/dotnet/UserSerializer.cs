using System;
using System.IO;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace LambdaQL
{
    /// <summary>The serialiser that the function names with LambdaSerializerAttribute, on the method or the assembly.</summary>
    sealed class UserSerializer
    {
        const string AttributeName = "Amazon.Lambda.Core.LambdaSerializerAttribute";
        const string InterfaceName = "Amazon.Lambda.Core.ILambdaSerializer";

        readonly object serializer;
        readonly Type contract;

        UserSerializer(object serializer, Type contract)
        {
            this.serializer = serializer;
            this.contract = contract;
        }

        /// <summary>Null where the function names none: values are then bound by the bootstrap.</summary>
        public static UserSerializer Of(MethodInfo method)
        {
            var attribute = Find(method.GetCustomAttributes(false)) ?? Find(method.Module.Assembly.GetCustomAttributes(false));
            if (attribute == null) return null;
            var type = (Type)attribute.GetType().GetProperty("SerializerType").GetValue(attribute, null);
            if (type == null)
                throw new LambdaValidationException("The 'SerializerType' property on attribute class '" + AttributeName + "' is not set.");
            var contract = type.GetInterface(InterfaceName);
            if (contract == null)
                throw new LambdaValidationException("The '" + type.FullName + "' class is invalid: it does not implement the 'ILambdaSerializer' interface.");
            if (type.GetConstructor(Type.EmptyTypes) == null)
                throw new LambdaValidationException("The indicated serializer '" + type.FullName + "' does not define a public zero-parameter constructor.");
            return new UserSerializer(Activator.CreateInstance(type), contract);
        }

        static object Find(object[] attributes)
        {
            foreach (var attribute in attributes) if (attribute.GetType().FullName == AttributeName) return attribute;
            return null;
        }

        public object Deserialize(byte[] json, Type type)
        {
            return Call("Deserialize", type, new MemoryStream(json));
        }

        public byte[] Serialize(object value)
        {
            var stream = new MemoryStream();
            Call("Serialize", value.GetType(), value, stream);
            return stream.ToArray();
        }

        object Call(string name, Type type, params object[] arguments)
        {
            try
            {
                return contract.GetMethod(name).MakeGenericMethod(type).Invoke(serializer, arguments);
            }
            catch (TargetInvocationException error)
            {
                ExceptionDispatchInfo.Capture(error.InnerException).Throw();
                throw;
            }
        }
    }
}
