using System.Buffers;
using System.Text.Json;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>One request to the platform, and so one message of the pace.</summary>
/// <param name="Body">The JSON body, UTF-8. The same notification always gives the same bytes, which the platform's duplicate check needs.</param>
/// <param name="Format">The platform's <c>msgtype</c>, which may differ from what was asked for.</param>
/// <param name="Accounts">Whom an app's message goes to; empty for robots.</param>
public sealed record WeComPayload(ReadOnlyMemory<byte> Body, string Format, IReadOnlyList<string> Accounts)
{
    /// <summary>Departments and tags that an app's message goes to, beside the accounts.</summary>
    public MemberGroups Groups { get; init; } = MemberGroups.None;

    public bool IsFor(Receiver receiver) => receiver.Kind switch
    {
        WeComSettings.Party => Groups.Parties.Contains(receiver.Account!),
        WeComSettings.Tag => Groups.Tags.Contains(receiver.Account!),
        _ => Accounts.Contains(receiver.Account!, StringComparer.OrdinalIgnoreCase),
    } || Accounts is [Receiver.All];

    /// <param name="rest">Members beside <c>msgtype</c> and the content.</param>
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
