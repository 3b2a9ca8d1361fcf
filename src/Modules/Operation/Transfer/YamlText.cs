using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using Scalar = YamlDotNet.Core.Events.Scalar;

namespace Notify.Operation.Transfer;

/// <summary>
/// Converts JSON to YAML and back. A plain value is read as by the core schema of YAML 1.2 (<c>no</c>, dates and times are text), except that
/// hexadecimal and octal numbers are text, as are numbers that JSON cannot hold (<c>.inf</c>, <c>.nan</c>, <c>1e999</c>). A quoted value and one with
/// a tag are text, whatever the tag; names of fields always are. Anchors and aliases are refused, because a few of them can expand to more than fits
/// in memory.
/// </summary>
public static class YamlText
{
    private const int MaxDepth = 32;

    public static string Write(JsonNode? node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(
            bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, indentSequences: true, newLine: "\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    /// <exception cref="ProblemException">400, naming the line and column.</exception>
    public static JsonNode? Read(TextReader text)
    {
        try
        {
            var parser = new Parser(text);
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _)) return null;
            parser.Consume<DocumentStart>();
            var node = Read(parser, 0);
            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            return node;
        }
        catch (YamlException e)
        {
            throw ProblemException.Invalid("", $"The YAML cannot be read at line {e.Start.Line}, column {e.Start.Column}: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // The scanner throws this for text like "a: [1\nb: 2".
            throw ProblemException.Invalid("", "The YAML cannot be read: a list or an object in brackets is not closed.");
        }
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart(default, default, isImplicit: true, fields.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in fields)
                {
                    emitter.Emit(Text(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(default, default, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items) Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Text(value.GetValue<string>()));
                break;
            default:
                emitter.Emit(new Scalar(
                    default, default, node?.ToJsonString() ?? "null", ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));
                break;
        }
    }

    /// <summary>Quoted if it would otherwise not be read as text.</summary>
    private static Scalar Text(string text)
    {
        // YAML reads every line end as LF, and drops blank lines.
        var style = Plain(text)?.GetValueKind() != JsonValueKind.String || string.IsNullOrWhiteSpace(text)
            || text.Contains('\r', StringComparison.Ordinal) ? ScalarStyle.DoubleQuoted
            : text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
            : ScalarStyle.Any;
        return new Scalar(default, default, text, style, isPlainImplicit: true, isQuotedImplicit: true);
    }

    private static JsonNode? Read(Parser parser, int depth)
    {
        var start = parser.Current!;
        if (depth > MaxDepth) throw new YamlException(start.Start, start.End, "It is nested too deeply.");
        if (start is AnchorAlias || start is NodeEvent { Anchor.IsEmpty: false }) throw new YamlException(
            start.Start, start.End, "Anchors and aliases are not supported.");
        if (parser.TryConsume<Scalar>(out var scalar))
            return scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
                ? Plain(scalar.Value) : JsonValue.Create(scalar.Value);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Read(parser, depth + 1));
            return items;
        }

        parser.Consume<MappingStart>();
        var fields = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var name = parser.Consume<Scalar>();
            if (fields.ContainsKey(name.Value)) throw new YamlException(name.Start, name.End, $"'{name.Value}' is given twice.");
            fields[name.Value] = Read(parser, depth + 1);
        }

        return fields;
    }

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) =>
        JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
