using System;
using System.Collections.Generic;

namespace LambdaQL
{
    /// <summary>Length-prefixed frames: 4 bytes length of the rest, 1 byte type, 4 bytes length of the header, JSON header, body.</summary>
    sealed class Frames
    {
        public const int Ready = 17;
        public const int InitError = 18;
        public const int Result = 19;
        public const int Error = 20;
        public const int Log = 21;

        const int PrefixBytes = 9;

        readonly int requests;
        readonly int answers;

        public Frames(int requests, int answers)
        {
            this.requests = requests;
            this.answers = answers;
        }

        public sealed class Frame
        {
            public int Type;
            public Dictionary<string, object> Header;
            public byte[] Body;
        }

        /// <summary>The next frame; null when the other side is gone.</summary>
        public Frame Receive()
        {
            var prefix = Descriptors.Read(requests, PrefixBytes);
            if (prefix == null) return null;
            var headerLength = IntegerAt(prefix, 5);
            var header = Descriptors.Read(requests, headerLength);
            var body = header == null ? null : Descriptors.Read(requests, IntegerAt(prefix, 0) - 5 - headerLength);
            if (body == null) return null;
            return new Frame { Type = prefix[4], Header = (Dictionary<string, object>)JsonReader.Read(header), Body = body };
        }

        /// <summary>Threads of the function may log while the handler answers: a frame is written whole.</summary>
        public void Send(int type, Dictionary<string, object> header, byte[] body)
        {
            var head = JsonWriter.Write(header);
            var frame = new byte[PrefixBytes + head.Length + body.Length];
            PutInteger(frame, 0, 5 + head.Length + body.Length);
            frame[4] = (byte)type;
            PutInteger(frame, 5, head.Length);
            Buffer.BlockCopy(head, 0, frame, PrefixBytes, head.Length);
            Buffer.BlockCopy(body, 0, frame, PrefixBytes + head.Length, body.Length);
            lock (this) Descriptors.Write(answers, frame);
        }

        static int IntegerAt(byte[] bytes, int index)
        {
            return bytes[index] << 24 | bytes[index + 1] << 16 | bytes[index + 2] << 8 | bytes[index + 3];
        }

        static void PutInteger(byte[] bytes, int index, int value)
        {
            for (var offset = 0; offset < 4; offset++) bytes[index + offset] = (byte)(value >> 24 - 8 * offset);
        }
    }
}
