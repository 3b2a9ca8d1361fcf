using System.Text.Json.Nodes;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Resources;

/// <summary>The version of a stream when a change of it was decided; 0: it did not exist.</summary>
public sealed record BaseVersion(string Id, long Version);

/// <summary>A change about to be made, as presented to those who may have to approve it.</summary>
/// <param name="Kind">The kind in the approval policy: <c>rule</c>, <c>hold</c>…</param>
/// <param name="Verb"><c>create</c>, <c>replace</c>, <c>enable</c>, <c>disable</c>, <c>delete</c>, <c>import</c>…</param>
/// <param name="Id">The id of what is changed; null: it has none yet.</param>
/// <param name="Changes">In the form of the history: secrets only as fingerprints.</param>
/// <param name="BasedOn">The versions on which it is based. If any of them has changed, the proposal is void.</param>
/// <param name="Input">All that is needed to make it later (<see cref="IApprovedChanges"/>). It is recorded, so it contains secrets only as
/// references.</param>
public sealed record ChangeToApprove(
    string Kind, string Verb, string? Id, string Name, IReadOnlyList<FieldChange> Changes, IReadOnlyList<BaseVersion> BasedOn, JsonObject Input)
{
    /// <summary>The other kinds that it changes: a configuration document changes several.</summary>
    public IReadOnlyList<string> OtherKinds { get; init; } = [];

    /// <summary>For a request that may be repeated, so that it is proposed only once.</summary>
    public FirstRequest? First { get; init; }

    /// <summary>Secrets stored only for this change. They are destroyed if it is never made.</summary>
    public IReadOnlyList<SecretRef> NewSecrets { get; init; } = [];
}
