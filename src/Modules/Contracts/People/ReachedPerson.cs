using System.Text.Json.Serialization;

namespace Notify.Contracts.People;

/// <summary>A person behind a receiver, as recorded when the notification was decided.</summary>
/// <param name="Name">Stored as <c>displayName</c>, the name under which personal texts can be erased selectively.</param>
/// <param name="Via">The field of the person's record with the address used, such as <c>mobile</c>; null: the record has no suitable address.</param>
/// <param name="Groups">The groups through which the person was addressed; null: the person was named directly.</param>
public sealed record ReachedPerson(
    string Id, [property: JsonPropertyName("displayName")] string Name, string? Via, IReadOnlyList<ReachedGroup>? Groups = null);

/// <param name="Version">The version of the group in which the person was a member; 0: the group no longer exists.</param>
public sealed record ReachedGroup(string Id, long Version, string Name);
