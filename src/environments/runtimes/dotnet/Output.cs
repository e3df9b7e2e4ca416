using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace LambdaQL
{
    /// <summary>What the function writes: lines of the console and records of loggers, each one event of the log.</summary>
    sealed class Output
    {
        const int LongestRecordBytes = 256 * 1024;

        readonly Frames frames;
        LineWriter standardOutput;
        LineWriter standardError;

        /// <summary>Of the event that is handled; null between events.</summary>
        public string RequestId;

        public Output(Frames frames)
        {
            this.frames = frames;
        }

        public void RedirectConsole()
        {
            standardOutput = new LineWriter(this, "info");
            standardError = new LineWriter(this, "fail");
            Console.SetOut(standardOutput);
            Console.SetError(standardError);
        }

        /// <summary>
        /// Time, request, level and message with tabs between them, as AWS's runtime writes them, unless
        /// AWS_LAMBDA_HANDLER_LOG_FORMAT is Unformatted.
        /// </summary>
        public void Record(string level, string message)
        {
            var format = Environment.GetEnvironmentVariable("AWS_LAMBDA_HANDLER_LOG_FORMAT");
            var isPlain = string.Equals(format, "Unformatted", StringComparison.OrdinalIgnoreCase);
            var time = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            Send(isPlain ? message : time + "\t" + RequestId + "\t" + level + "\t" + message, level == "fail" ? "STDERR" : "STDOUT");
        }

        void Send(string text, string source)
        {
            var bytes = Bootstrap.Utf8(text);
            var begin = 0;
            while (bytes.Length - begin > LongestRecordBytes)
            {
                var end = begin + LongestRecordBytes;
                while ((bytes[end] & 0xC0) == 0x80) end--;
                SendPart(bytes, begin, end, source);
                begin = end;
            }
            SendPart(bytes, begin, bytes.Length, source);
        }

        void SendPart(byte[] bytes, int begin, int end, string source)
        {
            var part = new byte[end - begin];
            Buffer.BlockCopy(bytes, begin, part, 0, part.Length);
            frames.Send(Frames.Log, new Dictionary<string, object> { { "source", source } }, part);
        }

        /// <summary>Hands on what the console holds back.</summary>
        public void Flush()
        {
            Console.Out.Flush();
            Console.Error.Flush();
            standardOutput.Finish();
            standardError.Finish();
        }

        /// <summary>The console: a call of WriteLine is one event; what has no end of line waits for one, or for the event's end.</summary>
        sealed class LineWriter : TextWriter
        {
            readonly Output output;
            readonly string level;
            readonly StringBuilder begun = new StringBuilder();

            public LineWriter(Output output, string level) : base(CultureInfo.InvariantCulture)
            {
                this.output = output;
                this.level = level;
                CoreNewLine = new[] { '\n' };
            }

            public override Encoding Encoding
            {
                get { return new UTF8Encoding(false); }
            }

            public override void Write(char value)
            {
                lock (begun)
                {
                    if (value == '\n') Finish();
                    else begun.Append(value);
                }
            }

            public override void Write(string value)
            {
                if (value == null) return;
                lock (begun)
                {
                    begun.Append(value);
                    var isEnded = value.EndsWith("\n", StringComparison.Ordinal);
                    if (!isEnded) return;
                    begun.Length--;
                    Finish(true);
                }
            }

            public override void Write(char[] buffer, int index, int count)
            {
                Write(new string(buffer, index, count));
            }

            public override void WriteLine()
            {
                lock (begun) Finish(true);
            }

            public override void WriteLine(string value)
            {
                lock (begun)
                {
                    begun.Append(value);
                    Finish(true);
                }
            }

            /// <summary>Sends what has been begun.</summary>
            public void Finish(bool isEvenEmpty = false)
            {
                lock (begun)
                {
                    if (begun.Length == 0 && !isEvenEmpty) return;
                    var text = begun.ToString();
                    begun.Clear();
                    output.Record(level, text);
                }
            }
        }
    }
}
