using System.Buffers;
using System.Text.Json;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>One request to the platform, which counts as one message towards the rate limits.</summary>
/// <param name="Body">The JSON body in UTF-8. The same notification always has the same bytes, as the platform's duplicate check requires.</param>
/// <param name="Format">The platform's <c>msgtype</c>, which may differ from the message's format.</param>
/// <param name="Accounts">The accounts that an app's message goes to; empty for robots.</param>
public sealed record WeComPayload(ReadOnlyMemory<byte> Body, string Format, IReadOnlyList<string> Accounts)
{
    /// <summary>Departments and tags that an app's message goes to, in addition to the accounts.</summary>
    public MemberGroups Groups { get; init; } = MemberGroups.None;

    public bool IsFor(Receiver receiver) => receiver.Kind switch
    {
        WeComSettings.Party => Groups.Parties.Contains(receiver.Account!),
        WeComSettings.Tag => Groups.Tags.Contains(receiver.Account!),
        _ => Accounts.Contains(receiver.Account!, StringComparer.OrdinalIgnoreCase),
    } || Accounts is [Receiver.All];

    /// <param name="rest">Writes the properties other than <c>msgtype</c> and the content.</param>
    internal static WeComPayload Write(string format, IReadOnlyList<string> accounts, Action<Utf8JsonWriter>? rest, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            rest?.Invoke(json);
            json.WriteString("msgtype"u8, format);
            json.WriteStartObject(format);
            content(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return new(buffer.WrittenMemory, format, accounts);
    }
}
