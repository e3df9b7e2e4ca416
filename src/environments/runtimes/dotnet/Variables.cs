using System;
using System.Runtime.InteropServices;

namespace LambdaQL
{
    /// <summary>Environment variables, for this process and for children that do not ask .NET for theirs.</summary>
    static class Variables
    {
        [DllImport("libc")]
        static extern int setenv(string name, string value, int overwrites);

        public static void Put(string name, string value)
        {
            Environment.SetEnvironmentVariable(name, value);
            setenv(name, value, 1);
        }
    }
}
