using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Notify.Kernel.Secrets;

namespace Notify.Host.Operating;

/// <summary>
/// Writes the console log in one of .NET's formats (<c>Logging:Console:FormatterName</c> is <c>json</c>, <c>simple</c> or <c>systemd</c>), with known
/// secrets masked as in Notify's own format (<see cref="ConsoleLines"/>).
/// </summary>
internal sealed class MaskedConsole(KnownSecrets secrets, IConfiguration settings, IServiceProvider services) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "masked";
    public const string Setting = "Logging:Console:FormatterName";

    /// <summary>Lazy, because the container creates all formatters together with this one.</summary>
    private readonly Lazy<ConsoleFormatter> format = new(() =>
    {
        var all = services.GetServices<ConsoleFormatter>().ToList();
        return all.Find(x => x.Name != FormatterName && string.Equals(x.Name, settings[Setting], StringComparison.OrdinalIgnoreCase))
            ?? all.First(x => x.Name == ConsoleLines.FormatterName);
    });

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        using var writer = new StringWriter();
        format.Value.Write(logEntry, scopeProvider, writer);
        var text = writer.ToString();
        textWriter.Write(format.Value.Name == ConsoleFormatterNames.Json ? StrikeInJson(text) : secrets.Strike(text));
    }

    /// <summary>Masks only string values, so that the entry stays valid JSON.</summary>
    private string StrikeInJson(string text)
    {
        try
        {
            return JsonNode.Parse(text) is { } entry ? Strike(entry).ToJsonString() + Environment.NewLine : "";
        }
        catch (JsonException)
        {
            return secrets.Strike(text);
        }
    }

    private JsonNode Strike(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(x => KeyValuePair.Create(x.Key, x.Value is null ? null : Strike(x.Value)))),
        JsonArray items => new JsonArray([.. items.Select(x => x is null ? null : Strike(x))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(secrets.Strike(text)),
        _ => node.DeepClone(),
    };
}
