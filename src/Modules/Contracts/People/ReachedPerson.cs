using System.Text.Json.Serialization;

namespace Notify.Contracts.People;

/// <summary>Somebody who is behind a receiver, as it was when that was decided.</summary>
/// <param name="Name">Stored as <c>displayName</c>, a name under which texts about persons can be erased alone.</param>
/// <param name="Via">The field of the person's record that has the address, such as <c>mobile</c>; null: it has none that fits.</param>
/// <param name="Groups">The groups by which the person was meant; null: the person was named.</param>
public sealed record ReachedPerson(
    string Id, [property: JsonPropertyName("displayName")] string Name, string? Via, IReadOnlyList<ReachedGroup>? Groups = null);

/// <param name="Version">At which the person was in it; 0: the group is gone.</param>
public sealed record ReachedGroup(string Id, long Version, string Name);
