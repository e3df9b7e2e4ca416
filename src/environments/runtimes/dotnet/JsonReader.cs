using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace LambdaQL
{
    /// <summary>Reads JSON into dictionaries, lists, strings, numbers (long, decimal or double), booleans and null.</summary>
    sealed class JsonReader
    {
        const int Deepest = 1000;

        readonly string text;
        int at;
        int depth;

        JsonReader(string text)
        {
            this.text = text;
        }

        /// <summary>Throws a FormatException with the place where it is no JSON.</summary>
        public static object Read(byte[] json)
        {
            var reader = new JsonReader(Encoding.UTF8.GetString(json));
            var value = reader.Value();
            reader.SkipSpace();
            if (reader.at < reader.text.Length) throw reader.Fault("more after the end");
            return value;
        }

        char Current
        {
            get { return at < text.Length ? text[at] : '\0'; }
        }

        object Value()
        {
            SkipSpace();
            switch (Current)
            {
                case '{':
                    return Object();
                case '[':
                    return Array();
                case '"':
                    return String();
                case 't':
                    return Word("true", true);
                case 'f':
                    return Word("false", false);
                case 'n':
                    return Word("null", null);
                default:
                    return Number();
            }
        }

        Dictionary<string, object> Object()
        {
            Enter();
            var result = new Dictionary<string, object>();
            if (!Closes('}'))
            {
                do
                {
                    SkipSpace();
                    if (Current != '"') throw Fault("a name is expected");
                    var name = String();
                    Expect(':');
                    result[name] = Value();
                } while (Continues('}'));
            }
            depth--;
            return result;
        }

        List<object> Array()
        {
            Enter();
            var result = new List<object>();
            if (!Closes(']'))
            {
                do result.Add(Value());
                while (Continues(']'));
            }
            depth--;
            return result;
        }

        void Enter()
        {
            at++;
            if (++depth > Deepest) throw Fault("it is nested deeper than " + Deepest + " levels");
        }

        bool Closes(char end)
        {
            SkipSpace();
            if (Current != end) return false;
            at++;
            return true;
        }

        bool Continues(char end)
        {
            if (Closes(end)) return false;
            Expect(',');
            return true;
        }

        void Expect(char wanted)
        {
            SkipSpace();
            if (Current != wanted) throw Fault("'" + wanted + "' is expected");
            at++;
        }

        string String()
        {
            var begin = ++at;
            while (at < text.Length && text[at] != '"' && text[at] != '\\' && text[at] >= ' ') at++;
            // Most strings have no escapes.
            if (Current == '"') return text.Substring(begin, at++ - begin);
            var result = new StringBuilder(text, begin, at - begin, 2 * (at - begin) + 16);
            while (true)
            {
                if (at >= text.Length) throw Fault("a string has no end");
                var letter = text[at++];
                if (letter == '"') return result.ToString();
                if (letter < ' ') throw Fault("a control character is in a string");
                result.Append(letter == '\\' ? Escape() : letter);
            }
        }

        char Escape()
        {
            var letter = Current;
            at++;
            switch (letter)
            {
                case 'b':
                    return '\b';
                case 'f':
                    return '\f';
                case 'n':
                    return '\n';
                case 'r':
                    return '\r';
                case 't':
                    return '\t';
                case 'u':
                    return Unicode();
                case '"':
                case '\\':
                case '/':
                    return letter;
                default:
                    throw Fault("'\\" + letter + "' is no escape");
            }
        }

        char Unicode()
        {
            ushort code;
            var isCode = at + 4 <= text.Length
                && ushort.TryParse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
            if (!isCode) throw Fault("four hexadecimal digits are expected");
            code = ushort.Parse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at += 4;
            return (char)code;
        }

        object Word(string word, object value)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw Unexpected();
            at += word.Length;
            return value;
        }

        object Number()
        {
            var begin = at;
            if (Current == '-') at++;
            var firstDigit = at;
            Digits();
            if (at - firstDigit > 1 && text[firstDigit] == '0') throw Fault("a number begins with 0");
            var isInteger = true;
            if (Current == '.')
            {
                isInteger = false;
                at++;
                Digits();
            }
            if (Current == 'e' || Current == 'E')
            {
                isInteger = false;
                at++;
                if (Current == '+' || Current == '-') at++;
                Digits();
            }
            return Parsed(text.Substring(begin, at - begin), isInteger);
        }

        /// <summary>An integer that is too large for a long, and a fraction with more digits than a double has, are decimals.</summary>
        static object Parsed(string number, bool isInteger)
        {
            const int DigitsOfDouble = 17;
            long integer;
            decimal exact;
            var invariant = CultureInfo.InvariantCulture;
            if (isInteger && long.TryParse(number, NumberStyles.AllowLeadingSign, invariant, out integer)) return integer;
            var isLong = isInteger || number.Length > DigitsOfDouble + 2;
            if (isLong && decimal.TryParse(number, NumberStyles.Float, invariant, out exact)) return exact;
            double value;
            // Mono refuses what is too large, .NET gives infinity.
            return double.TryParse(number, NumberStyles.Float, invariant, out value) ? value : double.PositiveInfinity;
        }

        void Digits()
        {
            var begin = at;
            while (Current >= '0' && Current <= '9') at++;
            if (at == begin) throw Unexpected();
        }

        void SkipSpace()
        {
            while (at < text.Length && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) at++;
        }

        FormatException Unexpected()
        {
            return Fault(at < text.Length ? "'" + text[at] + "' is not expected" : "it ends too early");
        }

        FormatException Fault(string reason)
        {
            return new FormatException("This is no JSON at character " + at + ": " + reason);
        }
    }
}
