using System;
using System.Runtime.InteropServices;

namespace LambdaQL
{
    /// <summary>
    /// Reads and writes inherited descriptors. They are sockets, and Mono's streams take only descriptors that Mono itself
    /// has opened.
    /// </summary>
    static class Descriptors
    {
        const int Interrupted = 4;

        [DllImport("libc", SetLastError = true)]
        static extern IntPtr read(int descriptor, IntPtr buffer, IntPtr count);

        [DllImport("libc", SetLastError = true)]
        static extern IntPtr write(int descriptor, IntPtr buffer, IntPtr count);

        /// <summary>Exactly that many bytes; null when the other side is gone before.</summary>
        public static byte[] Read(int descriptor, int count)
        {
            var bytes = new byte[count];
            return Transfer(bytes, (address, left) => read(descriptor, address, left)) ? bytes : null;
        }

        /// <summary>All of them, or false when the other side is gone.</summary>
        public static bool Write(int descriptor, byte[] bytes)
        {
            return Transfer(bytes, (address, left) => write(descriptor, address, left));
        }

        static bool Transfer(byte[] bytes, Func<IntPtr, IntPtr, IntPtr> call)
        {
            var pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            try
            {
                var done = 0;
                while (done < bytes.Length)
                {
                    var count = (int)call(IntPtr.Add(pinned.AddrOfPinnedObject(), done), (IntPtr)(bytes.Length - done));
                    if (count > 0) done += count;
                    else if (count == 0 || Marshal.GetLastWin32Error() != Interrupted) return false;
                }
                return true;
            }
            finally
            {
                pinned.Free();
            }
        }
    }
}
