using System.Text.Json.Nodes;

namespace Notify.Kernel.Http;

/// <summary>What the OpenAPI document adds to a type, since what is registered decides which fields there are.</summary>
/// <param name="Fields">All there can be.</param>
/// <param name="Shapes">Exactly one of these holds, each as JSON Schema: which fields belong together.</param>
public sealed record AddedFields(Type Owner, IReadOnlyList<AddedField> Fields, IReadOnlyList<JsonObject> Shapes);

/// <param name="Schema">As JSON Schema.</param>
/// <param name="Component">Under which it stands among the components; null: it stands in its place.</param>
public sealed record AddedField(string Name, JsonObject Schema, string? Component = null);
