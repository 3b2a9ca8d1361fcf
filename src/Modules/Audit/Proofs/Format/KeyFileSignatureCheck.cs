using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// Checks, in the order of events, signatures that are part of what they sign: those of emergencies and of reviews of the history (docs/proofs.md).
/// Only the installation can tell who made them, by their seal and its key file; but anybody who has the events can check that each one is for
/// exactly the content it stands in. Also finds changes that name a missing emergency.
/// </summary>
public sealed class KeyFileSignatureCheck(ApprovalTypes types)
{
    private const string Member = "signature";
    private const string Requested = "requested";
    private const string Confirmed = "confirmed";
    private const string Reviewed = "reviewed";

    private static readonly string[] members = ["hash", "seal", "method", "signer", "content", "meaning", "signedAt"];

    private readonly Dictionary<string, Emergency> emergencies = new(StringComparer.Ordinal);
    private readonly HashSet<string> hashes = new(StringComparer.Ordinal);
    private readonly List<(string Emergency, long Place)> claims = [];

    /// <summary>What has been read of an emergency so far.</summary>
    private sealed class Emergency
    {
        public bool IsOpen { get; set; }

        /// <summary>The content that the first person has signed.</summary>
        public string? Request { get; set; }

        public HashSet<string> People { get; } = new(StringComparer.Ordinal);

        /// <summary>Data is null if it is not shown or was partly erased.</summary>
        public List<(long Version, JsonElement? Data)> Events { get; } = [];
    }

    /// <param name="place">The event's position, for faults that are found at the end.</param>
    /// <returns>What is wrong, or null; and the signature, if there is one.</returns>
    public (string? Fault, GoodSignature? Good) Add(SignableEvent e, long place)
    {
        if (e.Emergency is { } claimed) claims.Add((claimed, place));
        var meaning = types.SignedByKeyFile.GetValueOrDefault(e.Type);
        var emergency = e.Stream.StartsWith(SignableEvent.EmergencyStreams, StringComparison.Ordinal) ? Find(e.Stream) : null;
        var (fault, good) = meaning is not null && e.Data is { } data ? Signed(e, meaning, data, emergency) : default;
        if (emergency is null) return (fault, good);
        emergency.IsOpen |= meaning == Confirmed;
        emergency.Events.Add((e.Version, e.IsErased ? null : e.Data));
        return (fault, good);
    }

    /// <summary>Call at the end: finds changes that name a missing emergency.</summary>
    /// <returns>The position and the fault of each.</returns>
    public IEnumerable<(long Place, string Fault)> End() =>
        claims.Where(x => !emergencies.TryGetValue(x.Emergency, out var emergency) || !emergency.IsOpen)
            .Select(x => (x.Place, "The change names an emergency that is not there."));

    private Emergency Find(string stream)
    {
        if (!emergencies.TryGetValue(stream, out var emergency)) emergencies[stream] = emergency = new Emergency();
        return emergency;
    }

    private (string? Fault, GoodSignature? Good) Signed(SignableEvent e, string meaning, JsonElement data, Emergency? emergency)
    {
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty(Member, out var signature) || signature.ValueKind == JsonValueKind.Null)
            return ("It is not signed.", null);
        if (!e.Stream.Contains('-', StringComparison.Ordinal) || signature.ValueKind != JsonValueKind.Object
            || signature.EnumerateObject().Any(x => x.Name != "displayName" && !members.Contains(x.Name, StringComparer.Ordinal))
            || members.Any(x => SignableEvent.TextOf(signature, x) is null)) return ("The signature is malformed.", null);
        var (signer, signedAt, method, content, hash) = (Text("signer"), Text("signedAt"), Text("method"), Text("content"), Text("hash"));
        var name = SignableEvent.TextOf(signature, "displayName");
        var isErased = e.IsErased && signature.TryGetProperty("displayName", out var shown) && shown.ValueKind == JsonValueKind.Null;
        var said = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [e.Stream[..e.Stream.IndexOf('-', StringComparison.Ordinal)]] = e.Stream,
            ["content"] = content,
            ["signer"] = signer,
            ["displayName"] = name,
            ["signedAt"] = signedAt,
            ["meaning"] = Text("meaning"),
            ["method"] = method,
        };
        if (name is null ? !isErased : hash != SignatureCheck.HashOf(JsonSerializer.SerializeToElement(said))) return ("The signature was altered, or was made for something else.", null);
        if (signer != e.User) return ("The signature is another person's than who has it on record.", null);
        if (Text("meaning") != meaning) return ("The signature means something else than its event.", null);
        if (!e.IsErased && content != ContentOf(data)) return ("What is there is not what was signed.", null);
        if (!hashes.Add(hash)) return ("The signature is there twice.", null);
        if (emergency is not null && InEmergency(emergency, e.Version, meaning, content, signer, data) is { } fault) return (fault, null);
        var what = emergency is not null ? "emergency" : $"history from {SignableEvent.TextOf(data, "from")} to {SignableEvent.TextOf(data, "to")}";
        return (null, new(e.Stream, signer, name, signedAt, meaning, method, what, e.IsErased, IsByKeyFile: true));

        string Text(string member) => SignableEvent.TextOf(signature, member)!;
    }

    private static string? InEmergency(Emergency emergency, long version, string meaning, string content, string signer, JsonElement data)
    {
        if (!emergency.People.Add(signer)) return "One person has signed an emergency twice.";
        if (meaning == Requested) emergency.Request = content;
        if (meaning == Confirmed && emergency.Request is { } request && SignableEvent.TextOf(data, "request") != request)
            return "What was confirmed is not what was requested.";
        var isAll = version == emergency.Events.Count + 1 && emergency.Events.Index().All(x => x.Item.Version == x.Index + 1);
        if (meaning != Reviewed || !isAll || emergency.Events.Any(x => x.Data is null)) return null;
        var events = new JsonObject { ["events"] = new JsonArray([.. emergency.Events.Select(x => JsonSerializer.SerializeToNode(x.Data))]) };
        return SignableEvent.TextOf(data, "reviewed") == SignatureCheck.HashOf(JsonSerializer.SerializeToElement(events))
            ? null : "The events are not what was reviewed.";
    }

    private static string ContentOf(JsonElement data)
    {
        var content = JsonObject.Create(data)!;
        content.Remove(Member);
        return SignatureCheck.HashOf(JsonSerializer.SerializeToElement(content));
    }
}
