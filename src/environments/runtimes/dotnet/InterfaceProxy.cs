using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace LambdaQL
{
    /// <summary>What stands behind an interface of the function: a call by the method's name and the type that it is to return.</summary>
    public interface IInterfaceTarget
    {
        object Call(string method, Type type, object[] arguments);
    }

    /// <summary>
    /// Implements an interface that only the function's own assemblies know, such as ILambdaContext, at run time. .NET and
    /// Mono have different means for that, but both can emit a class. Methods that the interface itself implements are left
    /// to it.
    /// </summary>
    static class InterfaceProxy
    {
        static readonly Dictionary<Type, Type> Made = new Dictionary<Type, Type>();
        static ModuleBuilder module;

        public static object Of(Type contract, IInterfaceTarget target)
        {
            lock (Made)
            {
                Type type;
                if (!Made.TryGetValue(contract, out type))
                {
                    type = Make(contract);
                    Made[contract] = type;
                }
                return Activator.CreateInstance(type, target);
            }
        }

        static Type Make(Type contract)
        {
            if (module == null)
            {
                var name = new AssemblyName("LambdaQL.Proxies");
                module = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run).DefineDynamicModule("Proxies");
            }
            var builder = module.DefineType("LambdaQL.Proxies." + contract.Name, TypeAttributes.Public | TypeAttributes.Sealed);
            builder.AddInterfaceImplementation(contract);
            var target = builder.DefineField("target", typeof(IInterfaceTarget), FieldAttributes.Private);
            DefineConstructor(builder, target);
            foreach (var method in contract.GetMethods()) if (method.IsAbstract) DefineMethod(builder, target, method);
            foreach (var parent in contract.GetInterfaces())
                foreach (var method in parent.GetMethods()) if (method.IsAbstract) DefineMethod(builder, target, method);
            return builder.CreateTypeInfo().AsType();
        }

        static void DefineConstructor(TypeBuilder builder, FieldInfo target)
        {
            var types = new[] { typeof(IInterfaceTarget) };
            var code = builder.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, types).GetILGenerator();
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Call, typeof(object).GetConstructor(Type.EmptyTypes));
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Stfld, target);
            code.Emit(OpCodes.Ret);
        }

        /// <summary>return (T)target.Call("method", typeof(T), new object[] { ... })</summary>
        static void DefineMethod(TypeBuilder builder, FieldInfo target, MethodInfo method)
        {
            var parameters = Array.ConvertAll(method.GetParameters(), (each) => each.ParameterType);
            var attributes = MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig;
            var defined = builder.DefineMethod(method.Name, attributes, method.ReturnType, parameters);
            DefineGenerics(defined, method);
            var code = defined.GetILGenerator();
            var isVoid = method.ReturnType == typeof(void);
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, target);
            code.Emit(OpCodes.Ldstr, method.Name);
            code.Emit(OpCodes.Ldtoken, isVoid ? typeof(object) : method.ReturnType);
            code.Emit(OpCodes.Call, typeof(Type).GetMethod("GetTypeFromHandle"));
            code.Emit(OpCodes.Ldc_I4, parameters.Length);
            code.Emit(OpCodes.Newarr, typeof(object));
            for (var index = 0; index < parameters.Length; index++)
            {
                code.Emit(OpCodes.Dup);
                code.Emit(OpCodes.Ldc_I4, index);
                code.Emit(OpCodes.Ldarg, (short)(index + 1));
                if (parameters[index].IsValueType || parameters[index].IsGenericParameter) code.Emit(OpCodes.Box, parameters[index]);
                code.Emit(OpCodes.Stelem_Ref);
            }
            code.Emit(OpCodes.Callvirt, typeof(IInterfaceTarget).GetMethod("Call"));
            if (isVoid) code.Emit(OpCodes.Pop);
            else code.Emit(OpCodes.Unbox_Any, method.ReturnType);
            code.Emit(OpCodes.Ret);
            builder.DefineMethodOverride(defined, method);
        }

        static void DefineGenerics(MethodBuilder defined, MethodInfo method)
        {
            if (!method.IsGenericMethodDefinition) return;
            defined.DefineGenericParameters(Array.ConvertAll(method.GetGenericArguments(), (each) => each.Name));
        }
    }
}
