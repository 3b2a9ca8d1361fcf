using System.Buffers;
using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>The parts of an event that matter for signatures and approvals.</summary>
/// <param name="Data">As stored, with null in place of erased values. Null: the whole body was erased, or the event does not concern
/// signatures.</param>
/// <param name="IsErased">Whether any of it was erased.</param>
/// <param name="Proposal">The id of the approved proposal, if the event is an approved change.</param>
/// <param name="ApprovedBy">The id of who approved it.</param>
/// <param name="Emergency">The id of the emergency in which it was made without approval.</param>
public sealed record SignableEvent(
    string Type, string Stream, long Version, string? User, JsonElement? Data, bool IsErased, string? Proposal, string? ApprovedBy,
    string? Emergency = null)
{
    public const string EmergencyStreams = "emergency-";

    /// <param name="entry">An entry of an export, whose leaf has been computed.</param>
    public static SignableEvent Of(JsonElement entry, ApprovalTypes types)
    {
        var (body, version) = (entry.GetProperty("body"), entry.GetProperty("version"));
        var (type, stream) = (TextOf(entry, "type") ?? "", TextOf(entry, "stream") ?? "");
        var number = version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out var value) ? value : 0;
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("data", out var data))
            return new(type, stream, number, null, null, IsErased: true, null, null);
        var headers = body.TryGetProperty("headers", out var all) && all.ValueKind == JsonValueKind.Object ? all : default;
        var isSignable = types.Include(type) || types.SignedByKeyFile.ContainsKey(type)
            || stream.StartsWith(EmergencyStreams, StringComparison.Ordinal)
            || (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("signature", out _));
        var (plain, isErased) = isSignable ? Plain(data) : default;
        return new(
            type, stream, number, TextOf(body, "user"), isSignable ? plain : null, isErased, TextOf(headers, "proposal"), TextOf(headers, "approved-by"),
            TextOf(headers, "emergency"));
    }

    /// <returns>Null: the member is missing or is not a string.</returns>
    public static string? TextOf(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString() : null;

    /// <summary>The data without the salts and escapes that an export adds.</summary>
    private static (JsonElement Data, bool IsErased) Plain(JsonElement data)
    {
        var (plain, isErased) = (new ArrayBufferWriter<byte>(), false);
        CanonicalJson.Write(plain, data, (to, value) =>
        {
            if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1) return false;
            if (value.TryGetProperty("$personal", out var pair))
            {
                to.Write(CanonicalJson.Quoted(pair[1].GetString()!));
                return true;
            }

            if (!value.TryGetProperty("$commitment", out _)) return false;
            isErased = true;
            to.Write("null"u8);
            return true;
        }, x => x.StartsWith("$$", StringComparison.Ordinal) ? x[1..] : x);
        using var document = JsonDocument.Parse(plain.WrittenMemory, new JsonDocumentOptions { MaxDepth = 160 });
        return (document.RootElement.Clone(), isErased);
    }
}
