using System.Buffers;
using System.Text.Json;
using Notify.Channels.Sending;
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

    /// <summary>Makes the same request for other accounts and groups; null: a robot's.</summary>
    public Func<IReadOnlyList<string>, MemberGroups, WeComPayload>? To { get; init; }

    /// <summary>Whether it is for several receivers, each of whom is named.</summary>
    public bool IsDivisible => To is not null && Accounts is not [Receiver.All] && Accounts.Count + Groups.Parties.Count + Groups.Tags.Count > 1;

    /// <summary>The same request for the first and the second half of the receivers. Accounts come first.</summary>
    public IReadOnlyList<WeComPayload> Halves()
    {
        var half = (Accounts.Count + Groups.Parties.Count + Groups.Tags.Count) / 2;
        return [Of(x => x.Take(half)), Of(x => x.Skip(half))];

        WeComPayload Of(Func<IEnumerable<(string Kind, string Id)>, IEnumerable<(string Kind, string Id)>> part) => For(part(Receivers));
    }

    /// <summary>The same request without some of its receivers; null if none or all of it are among them.</summary>
    public WeComPayload? Without(IReadOnlyList<ReceiverOutcome> some)
    {
        List<(string Kind, string Id)> left = [.. Receivers.Where(x => !some.Any(s => s.IsOf(x.Kind, x.Id)))];
        return left.Count == 0 || left.Count == Receivers.Count ? null : For(left);
    }

    internal IReadOnlyList<(string Kind, string Id)> Receivers =>
    [
        .. Accounts.Select(x => (WeComSettings.Account, x)), .. Groups.Parties.Select(x => (WeComSettings.Party, x)),
        .. Groups.Tags.Select(x => (WeComSettings.Tag, x)),
    ];

    private WeComPayload For(IEnumerable<(string Kind, string Id)> receivers)
    {
        var ids = receivers.ToLookup(x => x.Kind, x => x.Id, StringComparer.Ordinal);
        return To!([.. ids[WeComSettings.Account]], new([.. ids[WeComSettings.Party]], [.. ids[WeComSettings.Tag]]));
    }

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
