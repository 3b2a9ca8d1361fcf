using System.Text.Json.Nodes;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Resources;

/// <summary>A stream as it was when a change of it was decided; 0: there was none.</summary>
public sealed record BaseVersion(string Id, long Version);

/// <summary>A change that is about to be made, as those who may have to approve it see it.</summary>
/// <param name="Kind">As the approval policy names it: <c>rule</c>, <c>hold</c>…</param>
/// <param name="Verb"><c>create</c>, <c>replace</c>, <c>enable</c>, <c>disable</c>, <c>delete</c>, <c>import</c>…</param>
/// <param name="Id">Of what is changed; null: it has none yet.</param>
/// <param name="Changes">As the history would show them: secrets only as fingerprints.</param>
/// <param name="BasedOn">What it was decided on. When any of it has moved on, the change is void.</param>
/// <param name="Input">All that is needed to make it later (<see cref="IApprovedChanges"/>). It is put on record: a secret stands in it only as a
/// reference.</param>
public sealed record ChangeToApprove(
    string Kind, string Verb, string? Id, string Name, IReadOnlyList<FieldChange> Changes, IReadOnlyList<BaseVersion> BasedOn, JsonObject Input)
{
    /// <summary>What else it changes: a document of the configuration changes several kinds.</summary>
    public IReadOnlyList<string> OtherKinds { get; init; } = [];

    /// <summary>Of a request that may be repeated: it is proposed once.</summary>
    public FirstRequest? First { get; init; }

    /// <summary>Secrets that were stored for this change alone. They are destroyed if it is never made.</summary>
    public IReadOnlyList<SecretRef> NewSecrets { get; init; } = [];
}
