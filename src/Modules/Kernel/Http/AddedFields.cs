using System.Text.Json.Nodes;

namespace Notify.Kernel.Http;

/// <summary>Fields that the OpenAPI document adds to a type, since they depend on what is registered.</summary>
/// <param name="Fields">All possible fields.</param>
/// <param name="Shapes">JSON Schemas of which exactly one applies: which fields belong together.</param>
public sealed record AddedFields(Type Owner, IReadOnlyList<AddedField> Fields, IReadOnlyList<JsonObject> Shapes);

/// <param name="Schema">The field's JSON Schema.</param>
/// <param name="Component">The name of the component that contains the schema; null: it is inline.</param>
public sealed record AddedField(string Name, JsonObject Schema, string? Component = null);
