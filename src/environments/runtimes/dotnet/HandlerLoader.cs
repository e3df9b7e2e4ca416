using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace LambdaQL
{
    /// <summary>
    /// Finds the handler by its name, `Assembly::Namespace.Class::Method`, in the function's own assemblies.
    /// https://docs.aws.amazon.com/lambda/latest/dg/csharp-handler.html
    /// </summary>
    static class HandlerLoader
    {
        public const string ContextName = "Amazon.Lambda.Core.ILambdaContext";
        const string Format = " The valid format is 'ASSEMBLY::TYPE::METHOD'.";

        /// <summary>Throws a LambdaValidationException in AWS's words, or what the class's constructor throws.</summary>
        public static Handler Load(string name, string taskRoot, Output output)
        {
            var parts = name.Split(new[] { "::" }, StringSplitOptions.None);
            if (name.Trim().Length == 0) throw new LambdaValidationException("Empty lambda function handler." + Format);
            if (parts.Length != 3) throw new LambdaValidationException("Invalid lambda function handler: '" + name + "'." + Format);
            var missing = new[] { "assembly", "type", "method" };
            for (var index = 0; index < parts.Length; index++)
            {
                if (parts[index].Trim().Length > 0) continue;
                var reason = "Invalid lambda function handler: '" + name + "', the " + missing[index] + " is missing.";
                throw new LambdaValidationException(reason + Format);
            }
            ResolveIn(taskRoot);
            var assembly = LoadAssembly(taskRoot, parts[0]);
            var type = assembly.GetType(parts[1]);
            if (type == null)
                throw new LambdaValidationException("Unable to load type '" + parts[1] + "' from assembly '" + parts[0] + "'.");
            var method = FindMethod(type, parts);
            var instance = method.IsStatic ? null : NewInstance(type);
            return new Handler(method, instance, UserSerializer.Of(method));
        }

        /// <summary>What the function's assembly needs is beside it.</summary>
        static void ResolveIn(string taskRoot)
        {
            AppDomain.CurrentDomain.AssemblyResolve += (sender, wanted) =>
            {
                var file = Path.Combine(taskRoot, new AssemblyName(wanted.Name).Name + ".dll");
                return File.Exists(file) ? Assembly.LoadFrom(file) : null;
            };
        }

        static Assembly LoadAssembly(string taskRoot, string name)
        {
            var file = Path.Combine(taskRoot, name + ".dll");
            if (!File.Exists(file))
            {
                throw new LambdaValidationException("Could not find the specified handler assembly with the file name '" + name
                    + "'. The assembly should be located in the root of your uploaded .zip file.");
            }
            try
            {
                return Assembly.LoadFrom(file);
            }
            catch (Exception error)
            {
                throw new LambdaValidationException("Unable to load assembly '" + name + "'.", error);
            }
        }

        static MethodInfo FindMethod(Type type, string[] parts)
        {
            var name = parts[2];
            var flags = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
            var found = new List<MethodInfo>();
            foreach (var each in type.GetMethods(flags)) if (each.Name == name || each.ToString() == name) found.Add(each);
            if (found.Count == 0)
            {
                throw new LambdaValidationException("Unable to find method '" + name + "' in type '" + parts[1] + "' from assembly '"
                    + parts[0] + "': Found no methods matching method name '" + name + "'.");
            }
            if (found.Count > 1)
            {
                throw new LambdaValidationException("The method '" + name + "' in type '" + parts[1]
                    + "' appears to have a number of overloads. To call this method please specify a complete method signature."
                    + " Possible candidates are:\n" + string.Join("\n", found) + ".");
            }
            Check(found[0], type);
            return found[0];
        }

        static void Check(MethodInfo method, Type type)
        {
            var parameters = method.GetParameters();
            var subject = "Method '" + method.Name + "' of type '" + type.FullName + "' is not supported: the method has ";
            if (parameters.Length > 2) throw new LambdaValidationException(subject + "more than 2 parameters.");
            if (parameters.Length == 2 && parameters[1].ParameterType.FullName != ContextName)
            {
                throw new LambdaValidationException(
                    subject + "2 parameters, but the second parameter is not of type '" + ContextName + "'.");
            }
            if (method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute), false))
            {
                throw new LambdaValidationException("The method '" + method.Name + "' cannot be used as a Lambda Handler because it is"
                    + " an 'async void' method. Handler methods cannot be 'async void'. Please specify a method that is not 'async void'.");
            }
            if (method.ContainsGenericParameters)
            {
                throw new LambdaValidationException("The method '" + method.Name + "' cannot be used as a Lambda Handler because it is"
                    + " a generic method. Handler methods cannot be generic. Please specify a non-generic handler method.");
            }
            if (!method.IsStatic && type.IsAbstract)
            {
                throw new LambdaValidationException("The instance method '" + method.Name + "' cannot be used as a Lambda Handler because"
                    + " its type '" + type.FullName + "' is abstract. Please either use a static handler or specify a type that is not abstract.");
            }
        }

        static object NewInstance(Type type)
        {
            try
            {
                return Activator.CreateInstance(type);
            }
            catch (TargetInvocationException error)
            {
                throw error.InnerException;
            }
        }
    }
}
